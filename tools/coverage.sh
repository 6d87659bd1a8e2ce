#!/bin/sh
# coverage.sh BUILD: what its tests ran of each part, lines and branches; then the files of which least.
all=$(gcovr --root . --filter src/ --exclude-unreachable-branches --exclude-throw-branches "$1" --csv) || exit 1
echo "$all" | awk -F, '
	NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
	{
		n = split($1, folder, "/")
		part = folder[2] (n > 3 ? "/" folder[3] : "")
		lines[part] += $column["line_total"]; ran[part] += $column["line_covered"]
		ways[part] += $column["branch_total"]; went[part] += $column["branch_covered"]
	}
	END {
		for (part in lines)
			printf "coverage %-16s %5.1f %% of %5d lines, %5.1f %% of %5d branches\n", part,
				100 * ran[part] / lines[part], lines[part],
				ways[part] ? 100 * went[part] / ways[part] : 100, ways[part]
	}' | sort

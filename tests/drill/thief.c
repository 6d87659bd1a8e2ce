/*
 * What somebody reads who has a copy of the hub's folder and its TPM as it is now:
 *
 *	thief TPM-SOCKET VAULT-FOLDER
 *
 * Asks the TPM for the root as the hub does, and opens with it every key and every datum that the
 * folder holds, of whatever generation. Prints {"sealed": items there, "read": items opened}.
 */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "device/vault/keeper/tpm.h"
#include "device/vault/store/db.h"

struct loot {
	sqlite3 *db;
	struct keel_key root;
	unsigned sealed, read;
};

static int dial(const char *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	(void)snprintf(to.sun_path, sizeof(to.sun_path), "%s", path);
	return connect(fd, (const struct sockaddr *)&to, sizeof(to)) == 0 ? fd : -1;
}

static bool ask_tpm(const char *path, struct keel_key *root)
{
	struct keel_tpm tpm;
	struct keel_fault fault = { 0 };
	uint64_t generation = 0;
	int fd = dial(path);
	if (fd < 0 || keel_tpm_open(&tpm, fd, &fault) != KEEL_OK)
		return false;
	const struct keel_root place = keel_tpm_root(&tpm);
	bool good = place.read(place.self, root, &generation) == KEEL_OK;
	keel_tpm_close(&tpm);
	return good;
}

/* Every row of one compartment, under its key. */
static void open_data(
	struct loot *l, const char *compartment, int64_t id, const struct keel_key *key)
{
	sqlite3_stmt *q = NULL;
	uint8_t plain[KEEL_DATUM_MAX + 64];
	struct keel_bytes out;
	(void)sqlite3_prepare_v2(
		l->db, "SELECT row, datum, sealed FROM data WHERE key = ?1", -1, &q, NULL);
	(void)sqlite3_bind_int64(q, 1, id);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const struct store_place at = { .kind = STORE_DATUM,
			.key = id,
			.row = sqlite3_column_int64(q, 0),
			.name = compartment,
			.datum = store_column_text(q, 1) };
		l->read += store_unseal(key, &at, store_column(q, 2), plain, sizeof(plain), &out) ==
			   KEEL_OK;
	}
	(void)sqlite3_finalize(q);
}

static void open_keys(struct loot *l)
{
	sqlite3_stmt *q = NULL;
	struct keel_key key;
	struct keel_bytes out;
	(void)sqlite3_prepare_v2(
		l->db, "SELECT row, id, name, sealed, born FROM keys WHERE id > 0", -1, &q, NULL);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const struct store_place at = { .kind = STORE_COMPARTMENT_KEY,
			.generation = (uint64_t)sqlite3_column_int64(q, 4),
			.key = sqlite3_column_int64(q, 1),
			.row = sqlite3_column_int64(q, 0),
			.name = store_column_text(q, 2) };
		if (store_unseal(&l->root, &at, store_column(q, 3), key.b, sizeof(key.b), &out) ==
			KEEL_OK)
			open_data(l, at.name, at.key, &key);
	}
	(void)sqlite3_finalize(q);
}

static bool count_sealed(struct loot *l)
{
	sqlite3_stmt *q = NULL;
	bool good =
		sqlite3_prepare_v2(l->db, "SELECT count(*) FROM data", -1, &q, NULL) == SQLITE_OK &&
		sqlite3_step(q) == SQLITE_ROW;
	l->sealed = good ? (unsigned)sqlite3_column_int(q, 0) : 0;
	(void)sqlite3_finalize(q);
	return good;
}

int main(int argc, char **argv)
{
	struct loot l = { 0 };
	char path[4096];
	if (argc != 3) {
		(void)fprintf(stderr, "usage: thief TPM-SOCKET VAULT-FOLDER\n");
		return 2;
	}
	(void)snprintf(path, sizeof(path), "%s/store.db", argv[2]);
	if (!ask_tpm(argv[1], &l.root) || sqlite3_open(path, &l.db) != SQLITE_OK ||
		!count_sealed(&l)) {
		(void)fprintf(stderr, "thief: no TPM, or no store\n");
		return 1;
	}
	open_keys(&l);
	(void)printf("{\"sealed\": %u, \"read\": %u}\n", l.sealed, l.read);
	(void)sqlite3_close(l.db);
	return 0;
}

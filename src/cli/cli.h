/* The commands of `keel`: one row in main.c and one file each. */
#ifndef KEEL_CLI_CLI_H
#define KEEL_CLI_CLI_H

/* argv[0] is the command's name; gives the exit status. */
int keel_cli_check(int argc, char **argv);
int keel_cli_compile(int argc, char **argv);
int keel_cli_interrogate(int argc, char **argv);
int keel_cli_measure(int argc, char **argv);
int keel_cli_new(int argc, char **argv);
int keel_cli_owner(int argc, char **argv);
int keel_cli_provision(int argc, char **argv);

#endif

/* `keel provision`: a unit gets its identity, the maker's endorsement, a claim code and a label. */
#ifndef KEEL_CLI_PROVISION_H
#define KEEL_CLI_PROVISION_H

/** `keel provision --home DIR …`; 0 done, 1 failed, 2 not understood. EN 303 645 5.1-2, 5.4-2, 5.4-4. */
int keel_cli_provision(int argc, char **argv);

#endif

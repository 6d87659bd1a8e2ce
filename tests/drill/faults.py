"""
The faults that the drill can plant (src/device/break.h): the principle that each breaks, and the check
that has to see it. At least two for each principle that is built.
"""

FAULTS = {
    "fixed-code": (1, "codes_are_each_their_own"),
    "wrong-code-free": (1, "a_wrong_code_is_refused_and_costs_time"),
    "store-in-clear": (4, "nothing_secret_lies_on_the_disk"),
    "secret-in-log": (4, "no_secret_is_in_the_log"),
    "signature-unchecked": (5, "old_and_foreign_commands_are_refused"),
    "counter-not-written": (5, "old_and_foreign_commands_are_refused"),
    "home-id-ignored": (5, "old_and_foreign_commands_are_refused"),
    "challenge-not-checked": (5, "a_command_held_back_is_refused"),
    "undeclared-port": (6, "only_the_declared_port_is_open"),
    "filter-off": (6, "every_room_has_its_walls"),
    "hash-skipped": (7, "what_runs_is_what_was_built"),
    "endorsement-unsigned": (7, "the_maker_vouches_for_the_device"),
    "files-unwatched": (7, "a_changed_file_is_noticed"),
    "list-unverified": (7, "a_list_changed_with_the_file_is_refused"),
    "rights-ignored": (8, "a_guest_sees_and_does_only_what_was_allowed"),
    "invitation-reusable": (8, "a_guest_sees_and_does_only_what_was_allowed"),
    "restart-never": (9, "heating_outlives_every_room"),
    "memory-lost": (9, "the_app_alone_heats"),
    "monitor-blind": (10, "an_undeclared_listener_is_reported"),
    "counts-dropped": (10, "wrong_codes_are_counted"),
    "key-kept-after-deletion": (11, "deleted_is_gone_for_good"),
    "receipt-unsigned": (11, "deleted_is_gone_for_good"),
    "setup-unsaid": (12, "it_says_whether_it_is_secure"),
    "decision-forgotten": (12, "it_says_whether_it_is_secure"),
    "range-ignored": (13, "an_undeclared_value_is_refused"),
    "step-ignored": (13, "an_undeclared_value_is_refused"),
}

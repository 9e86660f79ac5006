"""Faults at every write of every stage: where the program writes, what can strike it there, and what must come of it.

points   where a run writes: a file, the ledger, a request to Google; observed at the lowest level Python offers
blows    what strikes at such a point: SIGKILL, a write torn in half, a full disk, a read-only folder, a locked file …
bench    a process that has everything imported and forks one child for each run of the real command
desks    the small cycle and its people on either workspace, with a time machine
season   every changing command as a scene: the moment before it, and what it comes to undisturbed
ends     what a season has come to, comparable between two runs
trials   one scene, one point, one blow; run again, compared
"""

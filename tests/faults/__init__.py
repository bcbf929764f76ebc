"""The rig that breaks things on purpose; docs/faults.md tells how to use it."""

"""The ground floor: organizations, staff, doors, refusals, locks, jobs and the outbox."""

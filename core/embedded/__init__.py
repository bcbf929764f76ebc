"""The database and broker that Regulars brings along, so that one command needs no server."""

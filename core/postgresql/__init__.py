"""The database backend: Django's, with an ear on connections that were kept."""

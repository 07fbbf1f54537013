"""The sandbox's switchboard: what goes wrong at the services that the stand-in plays.

Only there where the console works with the stand-in, never with real services.
"""

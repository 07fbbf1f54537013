"""Services outside: GitHub, the platform's functions, Supabase's Management API.

Plain modules of functions that take a client, and one family of errors.
"""

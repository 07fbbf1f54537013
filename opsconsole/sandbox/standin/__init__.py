"""A stand-in for the services the platform talks to: its sync function, GitHub and Supabase.

python -m opsconsole.sandbox.standin --port 0 --platform-url URL
"""

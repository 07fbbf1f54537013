"""A stand-in for the services the platform talks to: its sync function and GitHub's API.

python -m opsconsole.sandbox.standin --port 0 --platform-url URL
"""

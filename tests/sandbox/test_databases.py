import os

import psycopg


def test_x():
    with psycopg.connect(os.environ["PLATFORM_DATABASE_URL"]) as c:
        print(c.execute("show statement_timeout").fetchone())

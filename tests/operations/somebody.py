"""Another program that writes the same rows, all the time."""

import random
import threading
from uuid import UUID

import psycopg

CHANGE = (
    "UPDATE demonstration SET value = 1000000 + value, hand = 'other' WHERE id = %s"
)
DELETE = "DELETE FROM demonstration WHERE id = %s"
INSERT = "INSERT INTO demonstration (name) VALUES ('new')"


class SomebodyElse(threading.Thread):
    """Changes, deletes and inserts until the `with` block ends."""

    def __init__(self, url: str, keys: list[UUID], seed: int) -> None:
        super().__init__()
        self.url, self.keys, self.random = url, keys, random.Random(seed)
        self.over = threading.Event()

    def run(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self.over.wait(0.004):
                for _ in range(3):
                    connection.execute(CHANGE, [self.random.choice(self.keys)])
                connection.execute(DELETE, [self.random.choice(self.keys)])
                connection.execute(INSERT)

    def __enter__(self) -> "SomebodyElse":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.join()

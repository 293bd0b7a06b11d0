"""Wrong passwords: told slowly, then not heard for a while, and never a word on which names there are."""

import asyncio

import pytest

from qa.app.access import rate_limit as tries
from qa.app.access.gate import address_of
from qa.app.access.rate_limit import FIRST_WAIT_S, FORGOTTEN_S, LONGEST_WAIT_S, Tries
from qa.app.access.signin import FREE_ANYWHERE, FREE_OF_A_NAME, FREE_OF_AN_ADDRESS, SignIn, TooManyTries
from qa.app.access.users import Hashed, hash_password, nobodys_hash

HERE, THERE = "192.0.2.1", "192.0.2.2"
PASSWORD = "a long secret"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def loop():
    with asyncio.Runner() as runner:
        yield runner


@pytest.fixture
def sign_in(clock):
    """For ida alone, whose password is hashed cheaply."""
    cheap = Hashed(16, 8, 1, b"salt", bytes(32))
    ida = Hashed(16, 8, 1, b"salt", cheap.digest_of(PASSWORD))
    return SignIn(
        {"ida": ida},
        names=Tries(FREE_OF_A_NAME, clock=clock),
        anywhere=Tries(FREE_ANYWHERE, clock=clock),
        addresses=Tries(FREE_OF_AN_ADDRESS, clock=clock),
    )


@pytest.fixture
def sent_at_once(sign_in, loop):
    """What becomes of names, passwords and addresses: whether they fit, or what is said instead."""

    async def one(name, password, address):
        try:
            return await sign_in.check(name, password, address)
        except TooManyTries as error:
            return str(error)

    async def all_of_them(tried):
        return await asyncio.gather(*(one(*each) for each in tried))

    return lambda *tried: loop.run(all_of_them(tried))


def test_after_some_wrong_passwords_the_next_are_not_heard_for_a_while_and_then_they_are(sent_at_once, clock):
    wrong, right = ("ida", "a wrong secret", HERE), ("ida", PASSWORD, HERE)
    assert sent_at_once(*[wrong] * FREE_OF_A_NAME) == [False] * FREE_OF_A_NAME
    assert sent_at_once(right, wrong) == ["Too many wrong tries. Wait 15 seconds, then try again."] * 2
    clock.now += FIRST_WAIT_S
    assert sent_at_once(right) == [True]
    assert sent_at_once(*[wrong] * FREE_OF_A_NAME) == [False] * FREE_OF_A_NAME


def test_an_unknown_name_is_told_the_same_as_a_known_one(sent_at_once):
    told = [
        sent_at_once(*[(name, "a wrong secret", HERE)] * FREE_OF_A_NAME)
        + sent_at_once((name, "a wrong secret", HERE))
        for name in ("ida", "nobody of that name")
    ]
    assert told[0] == told[1]
    assert told[0][-1].startswith("Too many wrong tries.")


def test_an_unknown_name_costs_as_much_work_as_one_of_the_file():
    _, n, r, p, _, _ = hash_password(PASSWORD).split(":")
    unknown = nobodys_hash()
    assert (unknown.n, unknown.r, unknown.p) == (int(n), int(r), int(p))


def test_of_many_tries_sent_at_once_only_the_first_few_are_looked_at(sent_at_once):
    said = sent_at_once(*[("ida", f"guess {n}", HERE) for n in range(30)])
    assert said.count(False) == FREE_OF_A_NAME
    assert all(isinstance(one, str) for one in said if one is not False)


def test_a_name_is_guessed_at_from_many_addresses_a_few_times_only(sent_at_once):
    said = sent_at_once(*[("ida", f"guess {n}", f"198.51.100.{n}") for n in range(3 * FREE_ANYWHERE)])
    assert said.count(False) == FREE_ANYWHERE
    assert all(isinstance(one, str) for one in said if one is not False)


def test_whoever_tries_many_names_from_one_address_is_not_heard_and_others_are(sent_at_once):
    guessed = [(f"name {n}", "a wrong secret", HERE) for n in range(FREE_OF_AN_ADDRESS)]
    assert sent_at_once(*guessed) == [False] * FREE_OF_AN_ADDRESS
    here, there = sent_at_once(("ida", PASSWORD, HERE), ("ida", PASSWORD, THERE))
    assert (here[:21], there) == ("Too many wrong tries.", True)


def test_nobody_is_kept_out_by_who_guesses_at_their_name_from_elsewhere(sent_at_once, clock):
    for n in range(20):
        assert False in sent_at_once(*[("ida", "a wrong secret", THERE)] * 10)
        assert sent_at_once(("ida", PASSWORD, f"198.51.100.{n}")) == [True]  # who was never heard of there
        clock.now += LONGEST_WAIT_S


def test_a_program_that_signed_in_before_is_heard_while_others_guess_at_its_name_from_elsewhere(sent_at_once):
    assert sent_at_once(("ida", PASSWORD, HERE)) == [True]
    sent_at_once(*[("ida", f"guess {n}", f"198.51.100.{n}") for n in range(FREE_ANYWHERE)])
    here, there = sent_at_once(("ida", PASSWORD, HERE), ("ida", PASSWORD, THERE))
    assert here is True
    # The right password is not told from a wrong one meanwhile: else it could be guessed after all.
    assert there[:21] == "Too many wrong tries."


def test_the_wait_grows_to_a_longest_and_all_is_forgotten_in_the_end(clock):
    counted, waits = Tries(3, clock=clock), []
    for _ in range(12):
        counted.count_wrong("ida")
        waits.append(counted.wait_s("ida"))
        clock.now += waits[-1]
        assert counted.wait_s("ida") == 0
    assert waits == [0, 0, 15, 30, 60, 120, 240, 480, 900, 900, 900, 900]
    assert waits[-1] == LONGEST_WAIT_S
    clock.now += FORGOTTEN_S
    counted.count_wrong("ida")
    assert counted.wait_s("ida") == 0


def test_however_many_names_are_tried_no_more_are_kept_than_there_is_room_for(clock, monkeypatch):
    monkeypatch.setattr(tries, "MOST_KNOWN", 100)
    counted = Tries(1, clock=clock)
    for number in range(1000):
        counted.count_wrong(number)
    assert len(counted) == 100
    assert counted.wait_s(999) == 15
    assert counted.wait_s(0) == 0


@pytest.mark.parametrize(
    ("client", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_addresses_of_one_ipv6_network_count_as_one(client, counted):
    assert address_of({"type": "http", "client": (client, 1) if client else None}) == counted

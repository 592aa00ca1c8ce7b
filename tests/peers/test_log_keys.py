"""A log's cosigners are the directory's members; its key is changed in the middle, and what was proved stays proved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from tests.peers.cities import AT, KEEPER, cities
from tests.support.alliance import member
from tests.transparency.making import Tree, entries, signer

from hejie.alliance import drafting
from hejie.alliance.directory import COSIGN, SignedDirectory, read_directory, signed
from hejie.base import curves
from hejie.peers.log_members import with_members
from hejie.queries.log_tree import receipt_of
from hejie.store import directories
from hejie.store.pool import city_transaction
from hejie.transparency.checkpoints import cosign, cosigners, read, sign
from hejie.transparency.keys import Kind, Signer, read_verifiers
from hejie.transparency.parties import OwnLog, Peer
from hejie.transparency.receipt import Verdict, check, write
from hejie.transparency.witnessing import Signing, read_shown, written

A, B = "330100", "510100"
CHANGED = datetime(2026, 6, 1, tzinfo=UTC)
"""When the directory is written anew."""
NOTES = "select note from log_checkpoint order by size desc limit 1"


@pytest.fixture
def made(tmp_path, database, module_database):
    with cities(tmp_path, {A: database.app_url, B: module_database.app_url}) as found:
        yield found
    with psycopg.connect(module_database.superuser_url, autocommit=True) as connection:
        connection.execute("truncate alliance_directory, log_witnessed, log_checkpoint, log_number, log_tile, log")


async def newest(home):
    ((note,),) = await home.rows(NOTES)
    return read(note.encode())


async def proof_of(home, case):
    """The file that its consumer has; nothing of it is shown."""
    async with city_transaction(home.app.pool, home.code) as connection:
        return write(await receipt_of(connection, home.code, case, ()))


async def keys_told(city):
    async with httpx.AsyncClient(trust_env=False) as http:
        return read_verifiers((await http.get(f"{city.url}/{city.code}/log/keys")).text)


def card(home, keys):
    """The next version of the directory, in which a log's card names these keys."""
    told = [{**home.log_key, "public": curves.public_text(each.private)} for each in keys]
    content = member(home.keys, home.url, log_keys=told)
    entered = read_directory({**home.directory.directory, "members": [content]}).members[0]
    return signed(drafting.with_member(home.directory, entered, (), CHANGED), KEEPER)


async def test_a_log_changes_its_key_in_the_middle(made, tmp_path):
    home, witness, old = made[A], made[B], made[A].signer
    fresh = Signer(old.name, Ed25519PrivateKey.generate())
    (tmp_path / "fresh.pem").write_text(curves.private_text(fresh.private))
    async with witness.serving():
        async with home.serving():
            await home.write(3)
            assert await home.go_on() is Signing.may
            before = await proof_of(home, "D1")
            assert check(before, await keys_told(home)).verdict is Verdict.holds
        both = card(home, [old, fresh])
        home.goes_by(both, {"next_key": str(tmp_path / "fresh.pem")})
        async with home.serving():
            await home.write(2)
            assert await home.go_on() is Signing.may  # the witness does not know the new key yet
            note, head = await newest(home)
            assert (head.size, len([each for each in note.signatures if each.name == old.name])) == (5, 2)
            assert len(cosigners(note, [witness.signer.verifier(Kind.witness)])) == 1
        alone = card(home, [fresh])
        async with city_transaction(witness.app.pool, B) as connection:
            await directories.keep(connection, B, alone, AT)
        home.goes_by(alone, {"private_key": str(tmp_path / "fresh.pem")})
        async with home.serving():
            await home.write(4)
            assert await home.go_on() is Signing.may
            note, head = await newest(home)
            assert (head.size, [each.id for each in note.signatures if each.name == old.name]) == (
                9,
                [fresh.verifier(Kind.log).id],
            )
            assert len(cosigners(note, [witness.signer.verifier(Kind.witness)])) == 1
            for keys in (await keys_told(home), await keys_told(witness)):
                assert check(before, keys).verdict is Verdict.holds
                assert check(await proof_of(home, "D3"), keys).verdict is Verdict.holds
            assert await shown(witness, home, old) == 403  # the old key takes nothing forward any more


async def shown(witness, home, by):
    note = sign(Tree(entries(30)).checkpoint(30, origin=home.signer.name), by)
    async with httpx.AsyncClient(trust_env=False) as http:
        url = f"{witness.url}/api/{witness.code}/witness/add-checkpoint"
        return (await http.post(url, content=written(9, [], note))).status_code


def own_by(file, city, home):
    return with_members(OwnLog(signer=home.signer), read_directory(file.directory), city, CHANGED)


def test_who_cosigns_whom_stands_in_the_directory(made):
    home, other = made[A], made[B]
    file = home.directory
    own = own_by(file, A, home)
    assert [(each.name, each.url) for each in own.cosigners] == [(other.signer.name, f"{other.url}/api/{B}/witness")]
    assert own.watched == (other.signer.verifier(Kind.log),)
    may_not = [{**each, "rights": []} for each in file.directory["members"]]
    silent = with_members(own_by(file, A, home), read_directory({**file.directory, "members": may_not}), A, CHANGED)
    assert (silent.cosigners, silent.watched) == ((), (other.signer.verifier(Kind.log),))
    outside = Peer(witness=(signer("outside.example", 5).verifier(Kind.witness),), url="https://outside.example")
    stale = Peer(witness=(signer(other.signer.name, 6).verifier(Kind.witness),), url="https://stale.example")
    told = with_members(OwnLog(signer=home.signer, peers=(outside, stale)), read_directory(file.directory), A, CHANGED)
    assert [each.name for each in told.cosigners] == ["outside.example", other.signer.name]


def test_a_revoked_key_proves_nothing_and_a_replaced_one_still_does(made):
    home, other = made[A], made[B]
    old = other.signer.verifier(Kind.log)
    replaced = card(other, [Signer(other.signer.name, Ed25519PrivateKey.generate())])
    own = own_by(replaced, A, home)
    assert old in own.keys
    assert old not in own.watched
    name = curves.key_name(B, curves.public_text(other.signer.private))
    gone = drafting.without_key(replaced, name, CHANGED)
    assert old not in own_by(gone, A, home).keys
    back = drafting.with_member(gone, read_directory(home.directory.directory).member(B), (), CHANGED)
    assert old not in own_by(back, A, home).watched  # a card cannot call a revoked key back
    theirs = with_members(
        OwnLog(signer=Signer(old.name, Ed25519PrivateKey.generate())), read_directory(gone.directory), B, CHANGED
    )
    assert (old in theirs.ours, old in theirs.keys) == (True, False)  # what it signed was signed: no smaller tree


def test_who_brings_a_log_may_cosign(made):
    plain = {**member(made[A].keys, made[A].url), "rights": ["bulletin"]}
    file = signed(SignedDirectory(directory={**made[A].directory.directory, "members": [plain]}), KEEPER)
    entered = read_directory(made[A].directory.directory).member(A)
    assert read_directory(drafting.with_member(file, entered, (), CHANGED).directory).member(A).rights == (
        "bulletin",
        COSIGN,
    )
    assert read_directory(drafting.with_member(file, entered, ("contact",), AT).directory).member(A).rights == (
        "contact",
    )


def test_a_card_that_names_no_log_leaves_the_log_as_it_was(made):
    home = made[A]
    plain = read_directory({**home.directory.directory, "members": [member(home.keys, "https://moved.example")]})
    after = read_directory(drafting.with_member(home.directory, plain.members[0], (), CHANGED).directory).member(A)
    before = read_directory(home.directory.directory).member(A)
    assert (after.base, after.log_keys, after.rights) == ("https://moved.example", before.log_keys, before.rights)


async def test_a_plain_witness_may_cosign_and_is_no_answer(made):
    """It knows tlog-witness only: it has its own idea of the size, and tells it with 409."""
    home, key, known = made[A], signer("plain.example", 7), [0]

    async def serve(reader, out):
        head = await reader.readuntil(b"\r\n\r\n")
        if head.startswith(b"GET"):
            asked.append(-1)
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        told = read_shown(await reader.readexactly(length))
        asked.append(told.old)
        if told.old != known[0]:
            status, body = "409 Conflict", f"{known[0]}\n"
        else:
            known[0] = told.checkpoint.size
            status, body = "200 OK", str(cosign(told.checkpoint, key, AT))
        out.write(f"HTTP/1.1 {status}\r\ncontent-length: {len(body.encode())}\r\n\r\n{body}".encode())
        await out.drain()
        out.close()

    asked: list[int] = []
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    peer = {"witness": str(key.verifier(Kind.witness)), "url": url, "plain": True}
    home.goes_by(home.directory, {"peers": [peer]})
    async with server, home.serving():
        await home.write(3)
        assert await home.go_on() is Signing.silent  # the member that could say what it saw is away
        assert asked == []
        async with made[B].serving():
            for _ in range(2):
                assert await home.go_on() is Signing.may
            await home.write(2)
            assert await home.go_on() is Signing.may
        note, head = await newest(home)
        assert (head.size, asked) == (5, [0, 0, 3])
        both = [key.verifier(Kind.witness), made[B].signer.verifier(Kind.witness)]
        assert len(cosigners(note, both)) == 2
        assert await home.rows("select cosigners from log_checkpoint order by size") == [(2,), (2,)]


def test_a_log_belongs_to_one_member(made):
    home, other = made[A], made[B]
    twice = [
        member(home.keys, home.url, log_keys=[home.log_key]),
        member(other.keys, other.url, log_keys=[{**other.log_key, "name": home.signer.name}]),
    ]
    for members in (twice, [member(home.keys, home.url, log_keys=[{**home.log_key, "name": "a b"}])]):
        with pytest.raises(Exception, match="directory_unreadable"):
            read_directory({**home.directory.directory, "members": members})
    older = [member(home.keys, home.url, log="")]
    assert read_directory({**home.directory.directory, "members": older}).members[0].log_keys == ()

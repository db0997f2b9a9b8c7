"""Reads a sealed volume with nothing but lib/volume/FORMAT.md to go by (the numbers in brackets are its sections).

    python3 read_volume.py DEVICE CA.pem [OUT] < job-key-in-hex

Prints one JSON line an object; with OUT it also restores them. Needs the package `cryptography`, and openssl for the
signature. Ends with an error before the first object where §5 asks to refuse the volume; objects that are damaged are
reported, the others restored.
"""
import base64, hashlib, json, os, struct, subprocess, sys, tempfile, uuid, zlib

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

FRAME, TAG, FORMATS = 1 << 20, 16, {"waybill-volume/1": 1, "waybill-volume/2": 2}
SEGMENT, PAGE, SEAL = (1, 268_435_456), (2, 16_777_216), (3, 536_870_912)


def require(condition, why):
    if not condition:
        sys.exit(f"refused: {why}")


def nonce_of(i, last):
    return bytes(7) + struct.pack(">IB", i, last)


class SealedFile:
    """[3] One file of frames; frames open on their own, so that damage costs what it touches."""

    def __init__(self, path, kind, number, volume, key, size=None):
        self.path, (code, largest), (version, volume_id) = path, kind, volume
        require(os.path.isfile(path) and not os.path.islink(path), f"{path}: no file")
        body = os.path.getsize(path) - 64
        if size is not None:  # [2.2] What lies behind the end does not count.
            body = min(body, size + max(1, -(-size // FRAME)) * TAG)
        self.frames = max(1, -(-body // (FRAME + TAG)))
        self.bytes = body - self.frames * TAG
        require(0 <= self.bytes <= largest, f"{path}: {body} bytes")
        self.file = open(path, "rb")
        self.header = self.file.read(64)
        require(self.header[:32] == struct.pack(">8sBBHI", b"WAYBILL%d" % version, code, 20, 0, number) + volume_id, f"{path}: header")
        self.key = HKDF(SHA256(), 32, self.header[32:], b"waybill-volume/%d" % version + self.header).derive(key)
        self.aead = AESGCM(self.key)

    def frame(self, i):
        self.file.seek(64 + i * (FRAME + TAG))
        length = min(FRAME + TAG, self.bytes + self.frames * TAG - i * (FRAME + TAG))
        return self.aead.decrypt(nonce_of(i, i == self.frames - 1), self.file.read(length), None)

    def read(self, start, length):
        """Pieces of the plaintext, a frame each at most."""
        while length:
            piece = self.frame(start // FRAME)[start % FRAME:][:length]
            if not piece:
                raise InvalidTag
            yield piece
            start, length = start + len(piece), length - len(piece)

    def digest(self):
        """The segment digest: header, then the tag of every frame."""
        sha = hashlib.sha256(self.header)
        for i in range(self.frames):
            self.file.seek(64 + min((i + 1) * (FRAME + TAG), self.bytes + self.frames * TAG) - TAG)
            sha.update(self.file.read(TAG))
        return sha.digest()


def page_plain(path, number, volume, key):
    """[2.2] A page's plaintext and the digest of its file, both without what lies behind its end."""
    largest = PAGE[1] + 16 * TAG
    with open(path, "rb") as file:
        data = file.read(64 + largest)
    file = SealedFile(path, PAGE, number, volume, key, 0)
    plain, at = b"", 64
    for i in range(17):
        frame = data[at : at + FRAME + TAG]
        try:
            plain += file.aead.decrypt(nonce_of(i, False), frame, None)
            at += FRAME + TAG
        except InvalidTag:
            guess = Cipher(algorithms.AES(file.key), modes.GCM(nonce_of(i, True))).decryptor().update(frame[:FRAME])
            length = end_of_page(plain + guess, volume[0]) - len(plain)
            plain += file.aead.decrypt(nonce_of(i, True), frame[: length + TAG], None)
            return plain, hashlib.sha256(data[: at + length + TAG]).hexdigest()
    raise InvalidTag


def end_of_page(plain, version):
    """[4] Where a page ends, by what it says of itself."""
    (count,), at = struct.unpack_from(">I", plain, 12), 64
    for _ in range(min(count, 131_072)):
        k, n, m = (struct.unpack_from(f, plain, at + o)[0] for f, o in ((">H", 2), (">I", 60), (">I", 64)))
        at += (68, 72)[version - 1] + k + 20 * n + m
    return at + 32


def read_page(plain, number, version):
    """[4] The segment's (bytes, frames, digest) and the records."""
    magic, own, count, size, frames, digest, zero = struct.unpack_from(">8sIIQI32sI", plain)
    require(hashlib.sha256(plain[:-32]).digest() == plain[-32:], f"page {number}: digest")
    require((magic, own, zero) == (b"WBPAGE0%d" % version, number, 0) and count <= 131_072, f"page {number}: head")
    records, at, end = [], 64, len(plain) - 32
    fixed, meta_max = ((68, 65_536), (72, 1_048_576))[version - 1]
    for _ in range(count):
        require(at + fixed <= end, f"page {number}: too many records claimed")
        kind, flags, k, mode, length, mtime, crc, sha, n, m = struct.unpack_from(">BBHIQqI32sII", plain, at)
        known = kind > 0 if version == 2 else kind in (1, 2, 3) and flags < 2
        require(known and m <= meta_max and at + fixed + k + 20 * n + m <= end, f"page {number}: record")
        if version == 2:
            (nanoseconds,) = struct.unpack_from(">I", plain, at + 68)
            require(nanoseconds < 10**9, f"page {number}: time")
            mtime = mtime * 10**9 + nanoseconds
        key = plain[at + fixed : at + fixed + k]
        extents = [struct.unpack_from(">IQQ", plain, at + fixed + k + 20 * i) for i in range(n)]
        require(all(e[0] or (version == 2 and e[1] == 0) for e in extents), f"page {number}: extent")
        records.append(dict(kind=kind, replaces=flags & 1, key=key, mode=mode, bytes=length, mtime=mtime, crc=crc, sha=sha, extents=extents))
        at += fixed + k + 20 * n + m
    require(at == end, f"page {number}: bytes behind the records")
    return (size, frames, digest), records


def check_key(key, kind, version):
    require(0 < len(key) <= 4096 and (kind != 2 or key.endswith(b"/")), f"key {key!r}")
    if version == 2:
        return
    parts = (key[:-1] if kind == 2 else key).split(b"/")
    safe = b"\0" not in key and key.endswith(b"/") == (kind == 2)
    require(safe and not any(p in (b"", b".", b"..") for p in parts), f"key {key!r}")


def places(home, name):
    """[2.2] Where a small file may lie."""
    paths = [f"{home}/{place}{name}" for place in ("", "copy-1/", "copy-2/", "parity/")]
    return [path for path in paths if os.path.isfile(path) and not os.path.islink(path)]


def read_label(home):
    for path in places(home, "label.json"):
        with open(path, "rb") as file:
            text = file.read(16_384)
        try:
            return json.loads(text[: text.index(b"}") + 1])
        except ValueError:
            pass
    sys.exit("refused: label.json")


def find_seal(home, job_id, ca):
    """[2.2] A body and a signature that fit each other, from whichever places. (Which of several is the last one it does not ask.)"""
    pairs = [(cms, body) for body in places(home, "seal.bin") for cms in places(home, "seal.cms")]
    for cms, body in sorted(pairs, key=lambda pair: os.path.dirname(pair[0]) != os.path.dirname(pair[1])):
        try:
            check_signature(cms, body, job_id, ca)
            return body
        except SystemExit as error:
            refused = error
    raise refused if pairs else SystemExit("refused: seal.cms: there is none")


def check_signature(cms, body, job_id, ca):
    """[5] openssl checks signature and chain; the certificate has to be the job's own."""
    with tempfile.NamedTemporaryFile() as signer:
        args = ["-in", cms, "-content", body, "-CAfile", ca, "-signer", signer.name, "-out", os.devnull]
        done = subprocess.run(["openssl", "cms", "-verify", "-binary", "-inform", "DER", *args], capture_output=True)
        require(done.returncode == 0, f"seal.cms: {done.stderr.decode().strip()}")
        names = x509.load_pem_x509_certificate(signer.read()).extensions.get_extension_for_class(x509.SubjectAlternativeName)
        require(f"urn:waybill:job:{job_id}" in names.value.get_values_for_type(x509.UniformResourceIdentifier), "another job's seal")


def opens(path, number, volume, key):
    try:
        page_plain(path, number, volume, key)
        return True
    except (OSError, ValueError, struct.error, InvalidTag, SystemExit):
        return False


def open_volume(device, key, ca):
    """Everything [5] asks for before the first object; gives the segments and the records that count."""
    home = f"{device}/waybill"
    label = read_label(home)
    require(label["format"] in FORMATS and label["kind"] == "sealed", "label: another format or kind")
    volume = version, _ = FORMATS[label["format"]], uuid.UUID(label["volumeId"]).bytes
    opened = SealedFile(find_seal(home, label["jobId"], ca), SEAL, 0, volume, key)
    seal, *lines = map(json.loads, b"".join(opened.read(0, opened.bytes)).splitlines())
    require(seal["format"] == "waybill-seal/1" and all(seal[f] == label[f] for f in ("jobId", "deviceId", "volumeId")), "seal: not of this label")
    named = {line["page"]: line for line in lines[: seal["pages"]]}
    there = {int(n[:-4]) for n in os.listdir(f"{home}/catalog") if n.endswith(".cat") and n[:-4].isdigit()}
    require(len(named) == seal["pages"] and there >= set(named), "pages differ from the seal")
    for number in there - set(named):  # [2.2] Strays are ignored, unless they prove that the seal is not the last one.
        require(number < max(named, default=0) or not opens(f"{home}/catalog/{number:06}.cat", number, volume, key), "a page is later than the seal")
    segments, counting, replaced = {}, {}, set()
    for number in sorted(named, reverse=True):
        path = f"{home}/catalog/{number:06}.cat"
        plain, found = page_plain(path, number, volume, key)
        require(found == named[number]["digest"], f"{path}: digest")
        (size, frames, digest), records = read_page(plain, number, version)
        require(digest.hex() == named[number]["segment"], f"page {number}: segment digest")
        segments[number] = (f"{home}/segments/{number // 1000:06}/{number:06}.seg", size, frames, digest)
        lost = set(named[number].get("replaced", []))
        for position, record in enumerate(records):
            if record["kind"] == 3:
                continue
            check_key(record["key"], record["kind"], version)
            require((record["key"] in replaced) == (position in lost), f"page {number}, record {position}: replaced or not?")
            if position not in lost:
                require(record["key"] not in counting, f"{record['key']!r} twice")
                require(sum(e[2] for e in record["extents"]) == record["bytes"], f"{record['key']!r}: extents")
                counting[record["key"]] = record
        replaced |= {r["key"] for r in records if r["replaces"]}
    total = sum(r["bytes"] for r in counting.values())
    require((len(counting), total) == (seal["objects"], seal["bytes"]), "counts differ from the seal")
    holes = sum(e[2] for r in counting.values() for e in r["extents"] if e[0] == 0)
    require(total - holes <= sum(s[1] for s in segments.values()), "objects larger than the segments")
    return volume, segments, [counting[k] for k in sorted(counting)]


def read_extent(segments, volume, key, number, start, length):
    while number == 0 and length:
        yield bytes(min(length, FRAME))
        length -= min(length, FRAME)
    if length:
        yield from SealedFile(segments[number][0], SEGMENT, number, volume, key, segments[number][1]).read(start, length)


def restore(record, segments, volume, key, path, part):
    """Writes one object under a temporary name and gives it its own only when its SHA-256 is right."""
    sha, crc = hashlib.sha256(), 0
    with open(part if path else os.devnull, "wb") as out:
        for number, start, length in record["extents"]:
            require(number == 0 or number in segments, f"{record['key']!r}: segment {number} has no page")
            for piece in read_extent(segments, volume, key, number, start, length):
                sha.update(piece)
                crc = zlib.crc32(piece, crc)
                out.write(piece)
    if (sha.digest(), crc) != (record["sha"], record["crc"]):
        raise InvalidTag
    if path:
        os.chmod(part, record["mode"])
        os.utime(part, ns=(record["mtime"],) * 2)
        os.rename(part, path)


def path_of(out, key):
    """[4] Keys of format 2 may be anything. One that is no path becomes a name of hexadecimal digits."""
    parts = key.rstrip(b"/").split(b"/")
    if key.startswith(b"/") or b"\0" in key or any(p in (b"", b".", b"..") or len(p) > 255 for p in parts):
        digest = hashlib.sha256(key).hexdigest()
        key = f"no-path-{digest}".encode()
    return os.path.join(os.fsencode(out), key)


def main(device, ca, out=None):
    key = bytes.fromhex(sys.stdin.read().strip())
    volume, segments, records = open_volume(device, key, ca)
    damaged = 0
    for number, (path, size, frames, digest) in sorted(segments.items()):
        try:
            opened = SealedFile(path, SEGMENT, number, volume, key, size)
            if (opened.bytes, opened.frames, opened.digest()) != (size, frames, digest):
                print(f"segment {number} is not what its page says", file=sys.stderr)
        except (OSError, SystemExit) as error:
            print(f"segment {number}: {error}", file=sys.stderr)
    for r in records:
        path = path_of(out, r["key"]) if out else None
        line = dict(key=base64.b64encode(r["key"]).decode(), kind={1: "file", 2: "directory"}.get(r["kind"], "other"), bytes=r["bytes"],
                    mode=r["mode"], mtimeNs=str(r["mtime"]), crc32=r["crc"], sha256=r["sha"].hex())
        try:
            if path:
                os.makedirs(os.path.dirname(path), exist_ok=True)
            require(r["kind"] in (1, 2) or not path, "of a kind that this reader does not know")
            if r["kind"] != 2:
                restore(r, segments, volume, key, path, os.fsencode(f"{out}/.unfinished"))
        except (OSError, InvalidTag, SystemExit) as error:
            damaged, line["damaged"] = damaged + 1, str(error) or "does not open"
        print(json.dumps(line))
    return 1 if damaged else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

"""Restores damaged rows of a volume from its parity, by lib/volume/FORMAT.md §7 alone; needs no key and no package.

    python3 repair_volume.py DEVICE

Trusts the CRC-32 of the rows, so it is for a volume that read_volume.py reads afterwards and finds whole: a head is
not signed.
"""
import base64, hashlib, json, os, re, struct, sys, zlib

ROW = 1 << 20
PATH = re.compile(r"waybill/(segments/\d{6}/\d{6,9}\.seg|catalog/\d{6,9}\.cat|parity/[\w-]+\.par)")
EXP, LOG = [0] * 510, [0] * 256
power = 1
for exponent in range(255):
    EXP[exponent] = EXP[exponent + 255] = power
    LOG[power] = exponent
    power = power << 1 ^ (0x11D if power & 128 else 0)


def times(a, b):
    return EXP[LOG[a] + LOG[b]] if a and b else 0


def inverse(a):
    return EXP[255 - LOG[a]]


def add_scaled(total, factor, shard):
    """total + factor · shard, at every byte position at once."""
    scaled = shard.translate(bytes(times(factor, b) for b in range(256)))
    return (int.from_bytes(total, "big") ^ int.from_bytes(scaled, "big")).to_bytes(len(total), "big")


def inverted(rows):
    """Gauss and Jordan over GF(2⁸)."""
    k = len(rows)
    rows = [list(row) + [int(i == j) for j in range(k)] for i, row in enumerate(rows)]
    for i in range(k):
        pivot = next(r for r in range(i, k) if rows[r][i])
        rows[i], rows[pivot] = rows[pivot], rows[i]
        scale = inverse(rows[i][i])
        rows[i] = [times(scale, x) for x in rows[i]]
        for r in range(k):
            if r != i and rows[r][i]:
                rows[r] = [x ^ times(rows[r][i], y) for x, y in zip(rows[r], rows[i])]
    return [row[k:] for row in rows]


def read_head(data, at):
    magic, length = struct.unpack_from(">8sI", data, at)
    body = data[at : at + 12 + length]
    if magic != b"WBPARIT1" or hashlib.sha256(body).digest() != data[at + 12 + length : at + 44 + length]:
        raise ValueError("head")
    return json.loads(body[12:]), 44 + length


def head_of(path):
    data = open(path, "rb").read()
    try:
        return read_head(data, 0)
    except (ValueError, struct.error):
        return read_head(data, len(data) - 4 - struct.unpack(">I", data[-4:])[0])


class Shard:
    """A file of the set; of a parity file the part behind its head."""

    def __init__(self, device, entry, offset=0):
        if not PATH.fullmatch(entry["path"]):
            sys.exit(f"refused: a head names {entry['path']}")
        self.path, self.bytes, self.offset = os.path.join(device, entry["path"]), entry["bytes"], offset
        self.crcs = struct.unpack(f">{-(-self.bytes // ROW)}I", base64.b64decode(entry["rows"]))

    def row(self, r):
        """The row, or None when it is damaged; behind the end of the file there are zeros."""
        if r >= len(self.crcs):
            return b""
        try:
            with open(self.path, "rb") as f:
                f.seek(self.offset + r * ROW)
                data = f.read(min(ROW, self.bytes - r * ROW))
        except OSError:
            return None
        return data if len(data) == min(ROW, self.bytes - r * ROW) and zlib.crc32(data) == self.crcs[r] else None


def repair_set(device, head, head_bytes):
    data = [Shard(device, e) for e in head["data"]]
    parity = [Shard(device, e, head_bytes) for e in head["parity"]]
    length, restored = max(s.bytes for s in data), 0
    for r in range(-(-length // ROW)):
        rows = [s.row(r) for s in data]
        lost = [j for j, row in enumerate(rows) if row is None]
        if not lost:
            continue
        there = [(i, row) for i, row in ((i, p.row(r)) for i, p in enumerate(parity)) if row is not None][: len(lost)]
        if len(there) < len(lost):
            print(f"row {r}: {len(lost)} lost, {len(there)} parity shards left", file=sys.stderr)
            continue
        width = min(ROW, length - r * ROW)
        matrix = [[inverse((255 - i) ^ j) for j in lost] for i, _ in there]
        sums = []
        for i, row in there:
            for j, known in enumerate(rows):
                if known is not None:
                    row = add_scaled(row, inverse((255 - i) ^ j), known.ljust(width, b"\0"))
            sums.append(row)
        for j, factors in zip(lost, inverted(matrix)):
            row = bytes(width)
            for factor, shard in zip(factors, sums):
                row = add_scaled(row, factor, shard)
            row = row[: min(ROW, data[j].bytes - r * ROW)]
            if zlib.crc32(row) != data[j].crcs[r]:
                sys.exit(f"{data[j].path}: row {r} comes out wrong")
            os.makedirs(os.path.dirname(data[j].path), exist_ok=True)
            with open(os.open(data[j].path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW), "r+b") as f:
                f.seek(r * ROW)
                f.write(row)
                f.truncate(data[j].bytes)
            restored += 1
    return restored


def main(device):
    home, heads = f"{device}/waybill/parity", {}
    for name in sorted(os.listdir(home)):
        if name.endswith(".par") and not name.startswith(".tmp-"):
            try:
                heads.setdefault(name.split("-")[0], head_of(f"{home}/{name}"))
            except (OSError, ValueError, struct.error) as error:
                print(f"{name}: {error}", file=sys.stderr)
    print(json.dumps({"restoredRows": sum(repair_set(device, *head) for head in heads.values())}))


if __name__ == "__main__":
    main(*sys.argv[1:])

import type { EXIT } from '../../lib/domain/errors.ts';

type ExitName = keyof typeof EXIT;

/** What the help of a command says. The commands of the program and the rows here are the same (a test holds it). */
export interface CommandRow {
  summary: string;
  examples: readonly string[];
  exits: readonly ExitName[];
}

const row = (
  summary: string,
  examples: readonly string[],
  exits: readonly ExitName[],
): CommandRow => ({ summary, examples, exits });
const group = (summary: string): CommandRow => ({ summary, examples: [], exits: [] });

const SITE: ExitName[] = ['done', 'problems', 'usage', 'refused', 'device', 'credentials'];
const TRANSFER: ExitName[] = [...SITE, 'interrupted'];
const CONSOLE: ExitName[] = ['done', 'usage', 'refused', 'credentials'];
const STATION: ExitName[] = [...CONSOLE, 'problems', 'device', 'store', 'interrupted'];

const KEYS = '--device /mnt/disk --manifest JOB.manifest';
const JOB = 'JID0f0f0f0f-0000-4000-8000-000000000001';
const DIGEST = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
const TARGET = '0f0f0f0f-0000-4000-8000-000000000001';
const ADDRESS = 'ADID0f0f0f0f-0000-4000-8000-000000000001';

// biome-ignore format: one row a command
export const COMMANDS: Record<string, CommandRow> = {
  // At the site
  copy: row('copy a directory, or the image of a disk, to the device of an import: check, copy, verify, seal', [`waybill copy /data ${KEYS} --dry-run`, `waybill copy /data ${KEYS}`, `waybill copy /dev/vg0/root-snapshot ${KEYS} --name racks/root.raw`, `waybill copy /data ${KEYS} --parity 5%`, `waybill copy /data ${KEYS} --policy policy.json`, `waybill copy /data ${KEYS} --unlock-code-file /run/code --json`], TRANSFER),
  verify: row('read a volume back from the device and check all of it: seal, data, recovery data', [`waybill verify ${KEYS}`, `waybill verify ${KEYS} --full`, `waybill verify ${KEYS} --drop-damaged`, `waybill verify ${KEYS} --repair`], TRANSFER),
  seal: row('seal a volume whose copy has finished', [`waybill seal ${KEYS}`], TRANSFER),
  reopen: row('take the seal off while the device is still at the site', [`waybill reopen ${KEYS}`], SITE),
  ls: row('list the objects of a volume', [`waybill ls ${KEYS} --long`, `waybill ls ${KEYS} --json`], SITE),
  restore: row('write the objects of a device, or of an unpacked archive, into a directory or a bucket, or one of them to a file', [`waybill restore /data/restored ${KEYS}`, `waybill restore /data/restored --map ${KEYS}`, `waybill restore s3://bucket/folder --endpoint https://s3.example.com --region us-east-1 --access-key-file key.csv ${KEYS}`, `waybill restore --key 'a//b' --output - ${KEYS}`, 'waybill restore /data/restored --device /data/unpacked --manifest JOB.manifest'], [...TRANSFER, 'store']),
  process: row('run processing steps on a sample, without a device', ['waybill process --dry-run /data --steps steps.json', 'waybill process /data --steps steps.json --output-dir /tmp/sample --allow-processing'], ['done', 'problems', 'usage', 'refused']),
  status: row('say whose a device is, what waits to be sent, and where the job is', ['waybill status --device /mnt/disk', 'waybill status'], ['done', 'usage', 'device']),
  sync: row('send what waits in the outbox to the console', ['waybill sync', `waybill sync --manifest JOB.manifest --unlock-code-file /run/code`], CONSOLE),

  // The console
  login: row('sign in to a console with a code that is confirmed in the browser', ['waybill login --console https://waybill.example', 'waybill login --console https://waybill.example --token-file /run/token'], CONSOLE),
  logout: row('revoke the token of this host and forget it', ['waybill logout'], CONSOLE),
  whoami: row('say who is signed in, and where', ['waybill whoami'], CONSOLE),

  // Jobs
  job: group('create, change and follow jobs'),
  'job create': row('create a job', ['waybill job create --name archive --option disk --type import --size 8TB --store main --bucket archive', 'waybill job create --name archive --option snowball-edge --type import --size 80TB --store main --bucket archive --processing steps.json', 'waybill job create --name archive --option disk --type import --size 8TB --no-encryption --store main --bucket archive --prefix 2026/', 'waybill job create --name archive --option disk --type import --size 4TB --store vault --bucket archive --archive device'], [...CONSOLE, 'store']),
  'job list': row('list jobs, newest first', ['waybill job list', 'waybill job list --state at-site --json'], CONSOLE),
  'job show': row('show a job: state, device, shipments, what is possible now', [`waybill job show ${JOB}`], CONSOLE),
  'job change': row('change a job that has not started', [`waybill job change ${JOB} --name archive-2026`, `waybill job change ${JOB} --size 80TB`], CONSOLE),
  'job act': row('do an action of the lifecycle', [`waybill job act ${JOB} ship-to-facility --carrier UPS --tracking 1Z999 --seal 0017`, `waybill job act ${JOB} deliver --seal 0017 --seal 0018`], CONSOLE),
  'job seals': row('compare the tamper seals of a device that has arrived with those at departure', [`waybill job seals ${JOB} --seal 0017 --seal 0018`], CONSOLE),
  'job cancel': row('cancel a job that has not started', [`waybill job cancel ${JOB}`], CONSOLE),
  'job manifest': row('download the manifest', [`waybill job manifest ${JOB} --output JOB.manifest`], CONSOLE),
  'job unlock-code': row('show the unlock code; that is written to the custody log', [`waybill job unlock-code ${JOB} --yes`, `waybill job unlock-code ${JOB} --output /run/code`], CONSOLE),
  'job receipt': row('hand in the receipt of a seal made at a site without a network', [`waybill job receipt ${JOB} receipt.cms`], CONSOLE),
  'job events': row('show what happened to a job', [`waybill job events ${JOB}`, `waybill job events ${JOB} --follow`], [...CONSOLE, 'interrupted']),
  'job custody': row('show the custody log of a job', [`waybill job custody ${JOB}`], CONSOLE),
  'job report': row('download the completion report', [`waybill job report ${JOB}`, `waybill job report ${JOB} --output-dir ./report`], CONSOLE),
  'job incident': row('report what went wrong', [`waybill job incident ${JOB} damaged --note "case is dented"`], CONSOLE),
  'job resolve': row('resolve the open incident', [`waybill job resolve ${JOB} --note "found at dock 3"`], CONSOLE),
  'job retry-failed': row('have the failed objects of an import tried again by the station that has the device', [`waybill job retry-failed ${JOB}`], CONSOLE),
  'job accept-losses': row('show what did not land, and give it up by the name of its list', [`waybill job accept-losses ${JOB}`, `waybill job accept-losses ${JOB} --list ${DIGEST} --note "copies of last year"`], CONSOLE),
  'job confirm-restored': row('confirm that an export was restored, where the site did not report it', [`waybill job confirm-restored ${JOB} --note "Ada has checked the files"`], CONSOLE),
  'job allow-erase': row('allow to erase a device that can never be verified; for administrators', [`waybill job allow-erase ${JOB} --note "crushed by a fork-lift"`], CONSOLE),
  'job destroy-key': row('destroy the key of a job whose data has arrived and whose device is gone; for administrators', [`waybill job destroy-key ${JOB} --note "data is in the bucket" --yes`], CONSOLE),
  'job scan': row('note where the device was seen on its way', [`waybill job scan ${JOB} "Rotterdam hub"`], CONSOLE),
  'job proof': row('download the proof of the transfer: one signed file', [`waybill job proof ${JOB} --output proof.tar`], CONSOLE),
  'job label': row('print a label or packing slip; the return label once the volume is sealed', [`waybill job label ${JOB} --output label.pdf`, `waybill job label ${JOB} --packing-slip --output slip.pdf`, `waybill job label ${JOB} --leg to-site --output label.pdf`, `waybill job label ${JOB}`], CONSOLE),
  'job sum': row('list what an export takes; it must fit before a device is prepared', [`waybill job sum ${JOB}`], [...CONSOLE, 'store']),
  'job split': row('make a job of each part of an export that does not fit on one device', [`waybill job split ${JOB}`, `waybill job split ${JOB} --part-size 8TB`], [...CONSOLE, 'store']),
  'job plan': row('how many jobs carry so much data', ['waybill job plan --option snowball --bytes 240TB'], ['done', 'usage']),

  // Facility
  station: group('prepare, receive, import, export and erase devices at a facility'),
  'station prepare': row('give a job its device and write the label on it', [`waybill station prepare ${JOB} --device /dock/SB-0001`], STATION),
  'station export': row('fill the device of an export from its store, verify and seal it', [`waybill station export ${JOB} --device /dock/SB-0001`], STATION),
  'station receive': row('take in the device that arrived', ['waybill station receive --device /dock/SB-0001'], STATION),
  'station import': row('write the objects of a device that came back into its store', ['waybill station import --device /dock/SB-0001', 'waybill station import --device /dock/SB-0001 --no-erase', 'waybill station import --device /dock/SB-0001 --take-over-lock', 'waybill station import --device /dock/DISK-1 --archive object'], STATION),
  'station erase': row('erase a device whose job is done', ['waybill station erase --device /dock/SB-0001', 'waybill station erase --device /mnt/sdb1 --method sanitize --block-device /dev/sdb'], STATION),
  'station watch': row('work on every device of a dock, as its job needs it', ['waybill station watch /dock', 'waybill station watch ./dock --simulated', 'waybill station watch /dock --devices 4', 'waybill station watch /dock --once --json'], [...CONSOLE, 'device', 'interrupted']),

  // Evidence
  proof: group('proofs of transfer'),
  'proof verify': row('check a proof of transfer without the console, and on demand against a store', ['waybill proof verify proof.tar --ca ca.pem', 'waybill proof verify proof.tar --ca ca.pem --store /srv/store/bucket', 'waybill proof verify proof.tar --ca ca.pem --store s3://archive --endpoint https://s3.example --region us-east-1 --access-key-file pair.csv'], [...CONSOLE, 'problems', 'store', 'interrupted']),

  // Things
  device: group('devices of the installation'),
  'device list': row('list devices', ['waybill device list'], CONSOLE),
  'device show': row('show a device', ['waybill device show SB-0001'], CONSOLE),
  'device certificate': row('download the certificate of erasure of a device, signed (CMS) or for people (PDF)', ['waybill device certificate SB-0001 --output erasure.cms', `waybill device certificate ${JOB} --output erasure.pdf`], CONSOLE),
  'device verify-certificate': row('check a certificate of erasure, without the console', ['waybill device verify-certificate erasure.cms --ca ca.pem'], CONSOLE),
  'device add': row('add a device', ['waybill device add SB-0001 --capacity 80TB'], CONSOLE),
  'device change': row('change the state or note of a device', ['waybill device change SB-0001 --state available --note "checked"'], CONSOLE),
  address: group('addresses that devices are shipped to and from'),
  'address list': row('list addresses, newest first', ['waybill address list', 'waybill address list --archived --json'], CONSOLE),
  'address show': row('show an address', [`waybill address show ${ADDRESS}`], CONSOLE),
  'address add': row('add an address', ['waybill address add --name "Ada Example" --street "Main St 1" --city Berlin --postal-code 10115 --country DE --phone "+49 30 1234567"'], CONSOLE),
  'address change': row('change an address; what was shipped keeps the text of its time', [`waybill address change ${ADDRESS} --phone "+49 30 7654321"`], CONSOLE),
  'address archive': row('keep new jobs from using an address', [`waybill address archive ${ADDRESS}`, `waybill address archive ${ADDRESS} --undo`], CONSOLE),
  store: group('stores: where objects live'),
  'store list': row('list stores', ['waybill store list'], CONSOLE),
  'store change': row('say where a store keeps reports, and how exports read it', ['waybill store change main --reports-bucket audit --reports-prefix transfers/', 'waybill store change bulk --read-twice'], CONSOLE),
  'store add': row('add a store', ['waybill store add main --kind directory --root /srv/objects', 'waybill store add bulk --kind s3 --endpoint https://s3.example.com --region us-east-1 --access-key-file key.csv'], CONSOLE),
  'store check': row('try each right that jobs need in a bucket of a store', ['waybill store check main --bucket archive'], [...CONSOLE, 'store']),
  'store change-key': row('give a store behind an endpoint another key pair', ['waybill store change-key bulk --access-key-file new.csv'], CONSOLE),
  function: group('functions that the console keeps by name, for jobs that name them'),
  'function list': row('list functions', ['waybill function list'], CONSOLE),
  'function show': row('print the code of a function', ['waybill function show count-lines > count-lines.mjs'], CONSOLE),
  'function keep': row('keep the code of a file under a name', ['waybill function keep count-lines --file count-lines.mjs', 'waybill function keep resize --file resize.mjs --memory 512 --timeout 60000'], CONSOLE),
  'function remove': row('forget a function; jobs that were made with it keep their copy', ['waybill function remove count-lines'], CONSOLE),
  notification: group('who is told what happens to jobs'),
  'notification list': row('list webhooks and mail addresses', ['waybill notification list'], CONSOLE),
  'notification add': row('add a webhook or a mail address', ['waybill notification add ops --webhook https://hooks.example.org/waybill --secret-file ops.secret', 'waybill notification add desk --mail desk@example.org --states at-site,completed --no-incidents'], CONSOLE),
  'notification change': row('change, disable or enable a target', [`waybill notification change ${TARGET} --states all`, `waybill notification change ${TARGET} --disable`], CONSOLE),
  'notification remove': row('remove a target; what waits for it is not sent', [`waybill notification remove ${TARGET}`], CONSOLE),
  'notification renew-secret': row('make a new secret for a webhook; the old one is void at once', [`waybill notification renew-secret ${TARGET} --secret-file new.secret`], CONSOLE),
  'notification test': row('send a test message at once', [`waybill notification test ${TARGET}`], [...CONSOLE, 'problems']),
  'notification log': row('list messages and how their delivery went', ['waybill notification log --state failed'], CONSOLE),
  'notification redeliver': row('send a message again at once', ['waybill notification redeliver msg_0f0f0f0f-0000-4000-8000-000000000001'], [...CONSOLE, 'problems']),
  audit: group('the custody log of the installation'),
  'audit verify': row('check the hash chain of the custody log, and compare it with signed heads', ['waybill audit verify', 'waybill audit verify --head custody-head-812.cms', 'waybill audit verify --log custody-log.jsonl --head custody-head-812.cms --ca ca.pem'], [...CONSOLE, 'problems']),
  'audit head': row('download the signed head of the custody log, to keep it elsewhere', ['waybill audit head --output custody-head.cms'], CONSOLE),
  'audit export': row('download the whole custody log as JSON Lines', ['waybill audit export --output custody-log.jsonl'], CONSOLE),
  'audit list': row('list entries of the custody log', ['waybill audit list --limit 50'], CONSOLE),
  admin: row('administer a console on its own host', ['waybill admin --help'], ['done', 'usage', 'refused']),
};

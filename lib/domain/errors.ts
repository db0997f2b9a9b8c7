/**
 * The one list of errors. The code is the key; HTTP status, exit code, message and next step are the row.
 * Pages, API and CLI all speak from this table (`lib/domain/errors.test.ts` documents it).
 */

/** Process exit codes of the agent, documented in `agent/OPERATING.md`. */
export const EXIT = {
  done: 0,
  problems: 1,
  usage: 2,
  refused: 3,
  device: 4,
  store: 5,
  credentials: 6,
  interrupted: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

interface ErrorRow<Say extends string = string, Next extends string = string> {
  http: number;
  exit: ExitCode;
  /** What happened; `{name}` is replaced by the fact of that name. */
  say: Say;
  /** What to do next. */
  next: Next;
}

const row = <const Say extends string, const Next extends string>(
  http: number,
  exit: ExitCode,
  say: Say,
  next: Next,
): ErrorRow<Say, Next> => ({ http, exit, say, next });

// biome-ignore format: one row a line
export const ERRORS = {
  // Requests and people
  BadRequest: row(400, EXIT.usage, 'the request is not valid: {detail}', 'correct the named fields and send it again'),
  FilterInvalid: row(400, EXIT.usage, 'the filter is not valid at character {at}: {detail}', 'write conditions such as: state = at-site | at-sorting and name : "archive"'),
  MalformedJson: row(400, EXIT.usage, 'the body is not valid JSON', 'send a JSON object with content-type application/json'),
  BodyTooLarge: row(413, EXIT.usage, 'the body is larger than {limit} bytes', 'send less in one request'),
  BodyTooSlow: row(408, EXIT.usage, 'the body did not come within {seconds} seconds', 'send it again over a better line'),
  BodyIncomplete: row(400, EXIT.usage, 'the request ended before its body was whole', 'send it again'),
  NotSignedIn: row(401, EXIT.credentials, 'nobody is signed in', 'sign in, or send an access token: waybill login'),
  TokenInvalid: row(401, EXIT.credentials, 'the access token is not known', 'make a new one: waybill login'),
  TokenExpired: row(401, EXIT.credentials, 'the access token expired at {at}', 'make a new one: waybill login'),
  TokenRevoked: row(401, EXIT.credentials, 'the access token was revoked at {at}', 'make a new one: waybill login'),
  LoginRefused: row(403, EXIT.credentials, 'the login was not approved: {detail}', 'run waybill login again, and approve the code it shows in the browser'),
  Forbidden: row(403, EXIT.refused, 'the role {role} may not do this ({permission})', 'ask an administrator of this installation'),
  OutOfScope: row(403, EXIT.refused, 'the token belongs to job {jobId} and reaches nothing else', 'use a token of your own: waybill login'),
  CrossSite: row(403, EXIT.refused, 'the request came from another site', 'use the console at its own address'),
  NotFound: row(404, EXIT.refused, '{what} {id} does not exist', 'check the id; list what exists'),
  RouteUnknown: row(404, EXIT.usage, 'there is no {method} {path}', 'see /api/v1/openapi.json'),
  MethodNotAllowed: row(405, EXIT.usage, '{path} does not answer {method}', 'use one of: {allowed}'),
  TooManyRequests: row(429, EXIT.refused, 'too many attempts', 'wait {seconds} seconds and try again'),
  SetupDone: row(409, EXIT.refused, 'this installation is already set up', 'sign in; for a lost password: waybill admin reset-password'),
  SetupTokenInvalid: row(403, EXIT.credentials, 'the set-up link is not valid', 'use the link that the console printed at its first start, or: waybill admin create-user'),
  InvitationInvalid: row(403, EXIT.credentials, 'the link is not valid: it was used, withdrawn, replaced or has expired', 'ask an administrator for a new one'),
  EmailTaken: row(409, EXIT.refused, 'a person with the address {email} exists', 'change that person instead'),
  LastAdmin: row(409, EXIT.refused, 'this is the last administrator', 'make another person administrator first'),
  Internal: row(500, EXIT.refused, 'something went wrong inside (reference {reference})', 'look for the reference in the log of the console'),
  Unexpected: row(500, EXIT.refused, 'something unexpected happened: {detail}', 'add --debug to see where, and report what it says; what was done before stays'),
  ConsoleUnreachable: row(503, EXIT.refused, 'the console at {url} does not answer: {detail}', 'check the address and the network; the copy itself needs no console'),
  PortUnusable: row(409, EXIT.refused, 'nothing can be served at port {port} of {host}: {detail}', 'stop what serves there, or give another --port'),
  ConsoleNotStarted: row(503, EXIT.refused, 'the console at {url} could not be started', 'see what it said above'),
  Usage: row(400, EXIT.usage, '{detail}', 'see --help'),
  Conflict: row(409, EXIT.refused, '{detail}', 'read it again and repeat the change'),

  // Signed requests and the AWS-compatible API
  SignatureMissing: row(403, EXIT.credentials, 'the request is not signed', 'sign it with an access key (AWS Signature Version 4): waybill admin create-access-key'),
  SignatureIncomplete: row(400, EXIT.credentials, 'the signature of the request is not complete: {detail}', 'let an AWS SDK or the AWS CLI sign it'),
  AccessKeyUnknown: row(403, EXIT.credentials, 'the access key is not known, was revoked, has expired, or belongs to a person who is disabled', 'make a new one: waybill admin create-access-key, or POST /api/v1/access-keys'),
  SignatureMismatch: row(403, EXIT.credentials, 'the signature does not match the request: {detail}', 'check the secret of the access key; a proxy must keep host, path, headers and body as they are'),
  SignatureExpired: row(403, EXIT.credentials, 'Signature expired: {signed} is not within 15 minutes of {now}', 'set the clock of the client'),
  RequestReplayed: row(409, EXIT.refused, 'a request with this signature was already taken', 'sign it anew to send it again'),
  OperationUnknown: row(404, EXIT.usage, 'there is no operation {operation}', 'see AWS.md for what is served'),
  InputMalformed: row(400, EXIT.usage, 'the input cannot be read: {detail}', 'correct it and send it again'),
  InputMissing: row(400, EXIT.usage, '{count} validation error(s) detected: {detail}', 'add the named members and send it again'),
  InputInvalid: row(400, EXIT.usage, '{count} validation error(s) detected: {detail}', 'correct the named members and send it again'),
  InputCombination: row(422, EXIT.refused, '{detail}', '{fix}'),
  PageTokenInvalid: row(400, EXIT.usage, 'the page token was not given out for this list, or was changed', 'start the list again without a token'),
  ClusterFull: row(409, EXIT.refused, 'cluster {clusterId} has {count} of at most {limit} jobs', 'make another cluster'),
  DiskManifestMalformed: row(422, EXIT.refused, 'the manifest is not YAML: {detail}', 'correct it; ValidateOnly tries it without making a job'),
  DiskFieldMissing: row(422, EXIT.refused, 'the manifest lacks {field}', 'add it; AWS.md lists the fields'),
  DiskFieldInvalid: row(422, EXIT.refused, 'the manifest has {field}, which {problem}', 'correct it; AWS.md lists the fields'),
  DiskKeyDiffers: row(422, EXIT.refused, 'accessKeyId of the manifest is not the key that signed the request', 'name the same key, or leave it out'),
  CustomsMissing: row(422, EXIT.refused, 'the disk crosses a border, and customs lacks {fields}', 'add it to the manifest'),
  CustomsInvalid: row(422, EXIT.refused, 'customs has {field}, which {problem}', 'correct it in the manifest'),
  FileSystemInvalid: row(422, EXIT.refused, 'fileSystem {found} is not offered', 'choose one of {known}'),
  DiskJobUnknown: row(404, EXIT.refused, 'there is no disk job {code}', 'list them: ListJobs'),
  DiskJobCancelled: row(409, EXIT.refused, 'disk job {code} is cancelled', 'make a new one: CreateJob'),
  DiskJobExpired: row(409, EXIT.refused, 'disk job {code} expired: no disk within 30 days', 'make a new one: CreateJob'),
  DiskJobStarted: row(409, EXIT.refused, 'disk job {code} is {state}; its copy or its journey has begun', 'let it end, and make a new job'),
  DiskJobPastCancel: row(409, EXIT.refused, 'disk job {code} is {state}; its journey has begun', 'wait for it to come back'),
  ApiVersionUnknown: row(400, EXIT.usage, 'the API has no version {found}', 'use 2010-06-01'),
  DiskSignatureMissing: row(422, EXIT.device, '{path} carries no file SIGNATURE, and its job expects one', 'put the text of GetStatus, SignatureFileContents, there'),
  DiskSignatureWrong: row(422, EXIT.device, 'the file SIGNATURE of {path} is not that of the job', 'put the text of GetStatus, SignatureFileContents, there; it changes with the manifest'),
  LinkInvalid: row(403, EXIT.credentials, 'the link was not made by this installation, or was changed', 'request the link again'),
  LinkExpired: row(403, EXIT.credentials, 'the link expired at {at}', 'request the link again'),

  // Rules of options and lifecycle
  InvalidJobState: row(409, EXIT.refused, '{action} is not possible while the job is {state}', 'possible now: {allowed}'),
  PreconditionFailed: row(409, EXIT.refused, '{action} has to wait: {missing}', '{fix}'),
  NothingLost: row(409, EXIT.refused, 'job {jobId} has no failed objects to decide about', 'see its report: waybill job report'),
  LossListDiffers: row(409, EXIT.refused, 'the failure log {list} is not the one that stands by now ({standing})', 'look at the newest failure log, and accept that one'),
  NotManageableInConsole: row(409, EXIT.refused, 'disk jobs are not managed in the console', 'use the command line: {command}'),
  OptionRule: row(422, EXIT.refused, '{option}: {rule}', '{fix}'),
  EncryptionEnforced: row(422, EXIT.refused, '{option} jobs are always encrypted', 'leave encryption on, or use the option disk'),
  ProcessingNotOffered: row(422, EXIT.refused, '{option} does not process data at the edge', 'use the option snowball-edge'),
  ProcessingInvalid: row(422, EXIT.usage, 'the processing steps are not valid: {detail}', 'correct the named step; agent/PROCESSING.md shows every step and option'),
  ProcessingNotAllowed: row(403, EXIT.refused, 'this host has not allowed what the job asks to run: {steps}', 'read it, then allow it: --allow-processing, or --policy FILE that names it ({reason})'),
  ProcessingUnavailable: row(422, EXIT.refused, 'the step {step} cannot run on this host: {detail}', '{fix}'),
  OutputClash: row(409, EXIT.refused, 'the processing steps would give two objects the key {key}', 'change the name template of a step, or what it matches'),
  ArchiveTooLarge: row(422, EXIT.refused, 'one archive takes at most {limit}, not {actual}', 'archive each object by itself (--archive object), or plan {jobs} jobs of at most {each}'),
  SizeOverLimit: row(422, EXIT.refused, '{moment}: {actual} is over the limit of {limit} for {option}', 'plan several jobs: {plan}'),
  JobNotChangeable: row(409, EXIT.refused, 'a job can be changed only while it is created; this one is {state}', 'cancel is possible from created; else make a new job'),
  CredentialsNotAvailable: row(409, EXIT.refused, 'manifest and unlock code exist while an appliance is at the site, and of a disk job until its end; the job is {state}', 'wait until the job is at-site'),
  LabelNotReleased: row(409, EXIT.refused, 'the return label is released once the volume is sealed', 'finish the copy: waybill seal'),
  AlreadyClaimed: row(409, EXIT.refused, 'job {jobId}: {work} is being done by {holder} until {until}', 'wait for it, or for its lease to run out; if it runs no longer: --take-over-lock'),
  LeaseLost: row(409, EXIT.refused, 'the lease on {work} of job {jobId} has run out or was taken over', 'start the command again; it resumes'),
  DeviceNotAvailable: row(409, EXIT.refused, 'device {deviceId} is {state}', 'choose a device that is available'),
  DeviceChangeRefused: row(409, EXIT.refused, 'device {deviceId} is {state} and cannot become {wanted}: {detail}', 'possible now: {allowed}'),
  DeviceTooSmall: row(422, EXIT.refused, 'device {deviceId} holds {capacity}; the job needs {needed}', 'choose a larger device'),
  AddressInvalid: row(422, EXIT.refused, 'the address cannot be shipped to: {detail}', 'correct the named fields'),
  AddressArchived: row(409, EXIT.refused, 'address {addressId} is archived', 'choose another address, or take it out of the archive'),
  WebhookRefused: row(422, EXIT.refused, 'the webhook is not sent to: {detail}', 'give an http or https URL outside private networks; an administrator may allow private ones on the page Settings'),
  TargetDisabled: row(409, EXIT.refused, 'the notification target {name} is disabled', 'enable it on the page Settings first'),
  MailNotSet: row(409, EXIT.refused, 'no mail server is set', 'set one on the page Settings'),
  NoAttention: row(409, EXIT.refused, 'the job has no open incident', 'report one first: waybill job incident'),
  CustodyContradicted: row(409, EXIT.problems, 'entry {seq} of the custody log is not the one that a signed head vouches for; nothing more is signed', 'somebody changed the database, or it is an older copy: compare it with a backup (waybill admin audit verify)'),
  CustodyBroken: row(409, EXIT.problems, 'the custody log is broken at entry {seq}; nothing more is signed about what it says', 'somebody changed the database: compare it with a backup (waybill admin audit verify)'),
  ReportChanged: row(409, EXIT.problems, '{file} of the report of job {jobId} is not the file that was handed in: {detail}; nothing is signed over it', 'put the file back from a backup, or from waybill-reports/ of the bucket'),
  TarInvalid: row(422, EXIT.credentials, 'that is no proof of transfer: {detail}', 'download it again: waybill job proof'),
  SealReceiptInvalid: row(422, EXIT.credentials, 'the seal receipt is not valid: {detail}', 'send the receipt.cms that waybill seal wrote for this job'),

  // Credentials
  ManifestInvalid: row(422, EXIT.credentials, 'the manifest is not valid: {detail}', 'download it again from the job page'),
  ManifestNotYetValid: row(422, EXIT.credentials, 'the clock of this host says {now}, and the manifest is valid from {from} only', 'set the clock of this host (NTP), then run the same command again'),
  ManifestExpired: row(422, EXIT.credentials, 'the manifest expired at {at}', 'download a new one from the job page'),
  UnlockCodeMalformed: row(422, EXIT.credentials, 'that is not an unlock code: {detail}', 'five groups of five characters, as shown on the job page'),
  UnlockCodeWrong: row(422, EXIT.credentials, 'the unlock code does not open this manifest', 'check that code and manifest are of the same job and issue'),
  UnlockCodeMissing: row(422, EXIT.credentials, 'no unlock code was given', 'set WAYBILL_UNLOCK_CODE, use --unlock-code-file FILE, or run it on a terminal'),
  SignatureInvalid: row(422, EXIT.credentials, 'the signature on {what} is not valid: {detail}', 'do not trust it; get it again from its source'),
  KeyDestroyed: row(410, EXIT.credentials, 'the key of job {jobId} was destroyed at {at}', 'nothing opens its volume any more; make a new job'),
  SharesRefused: row(422, EXIT.credentials, 'the shares of the master key do not fit: {detail}', 'bring together as many shares of one set as their second line says'),
  KeyUnavailable: row(500, EXIT.credentials, 'the key service cannot give the key: {detail}', 'check the master key of the installation (SECURITY.md)'),

  // Device and volume
  DeviceNotFound: row(404, EXIT.device, 'there is no device at {path}: {detail}', 'mount the device and give its directory with --device'),
  DeviceNotPrepared: row(422, EXIT.device, '{path} carries no waybill label', 'use the device that was prepared for the job; a disk of your own is labelled by its first copy'),
  DeviceIsDirectory: row(422, EXIT.device, '{path} is no device: {detail}', 'mount the device there; to copy into a plain directory, for a trial: --device-is-a-directory'),
  SourceEmpty: row(422, EXIT.usage, 'there is nothing to copy in {path}', 'mount the source, if it is one that has to be mounted; if it is empty: --allow-empty'),
  SourceShrank: row(422, EXIT.usage, '{path} had {before} objects at the last copy, and has {now} now', 'mount all of the source; if so many were removed: --allow-empty'),
  DeviceNotMounted: row(422, EXIT.device, '{path} is no device: {detail}', 'mount the device there; for trials with a plain folder: --simulated'),
  DeviceNotEmpty: row(409, EXIT.device, '{path} is not empty: {entry} is on it', 'use an empty device; waybill station erase removes what a finished job left'),
  LabelInvalid: row(422, EXIT.device, 'the label of the device is not valid: {detail}', 'do not use this device; report it on the job page as damaged'),
  WrongDevice: row(422, EXIT.device, 'this is device {found}; the job uses device {expected}', 'connect device {expected}, or report the wrong device on the job page'),
  WrongJobDevice: row(422, EXIT.device, 'the device belongs to job {found}, not to job {expected}', 'connect the device of job {expected}'),
  DeviceLocked: row(409, EXIT.device, 'another agent works on this device: {holder}', 'wait for it; if it runs no longer: --take-over-lock'),
  EraseTargetRefused: row(409, EXIT.device, '{device} is not erased: {detail}', 'name with --block-device what is mounted at the device’s directory, and let nothing else use it'),
  EraseMethodUnavailable: row(422, EXIT.device, '{device} cannot be erased with {method}: {detail}', 'mend what it names, or use --method overwrite'),
  DeviceFull: row(507, EXIT.device, 'the device is full: {needed} needed, {free} free', 'use a larger device, or fewer data: waybill copy --dry-run shows the sizes'),
  DeviceReadOnly: row(422, EXIT.device, 'the device cannot be written: {detail}', 'mount it read-write'),
  DeviceIo: row(502, EXIT.device, 'the device failed: {detail}', 'check cable and disk, then run the same command again; it resumes'),
  DeviceHostile: row(422, EXIT.device, 'the device holds {found} where {wanted} belongs: {path}', 'do not use the device further; report it on the job page as damaged, and have it looked at'),
  OperationStalled: row(504, EXIT.device, '{operation}: nothing moved for {minutes} minutes', 'check device, source and store, then run the same command again; it resumes'),
  VolumeSealed: row(409, EXIT.device, 'the volume is sealed', 'nothing to do; for its receipt: waybill seal; to add data: waybill reopen'),
  VolumeNotSealed: row(409, EXIT.device, 'the volume is not sealed', 'finish it with: waybill copy, then waybill seal'),
  VolumeNotVerified: row(409, EXIT.device, 'the volume has problems: {detail}', 'run waybill verify; copy what is damaged again'),
  SealMissing: row(422, EXIT.device, 'the seal is gone: {by} knows seal {known}', 'do not ship or empty the device as it is; if it was reopened, seal it again: waybill seal; else report it on the job page as damaged'),
  RecoveryDamaged: row(422, EXIT.device, 'the recovery data is damaged: {detail}', 'restore it while the rest is whole: waybill verify --repair'),
  BagInvalid: row(422, EXIT.device, 'the device is no valid bag: {detail}', 'its objects are checked by the catalog and the seal all the same; copy again what is damaged'),
  VolumeInvalid: row(422, EXIT.device, 'the volume is not valid: {detail}', 'do not import it; report the device on the job page'),
  SealSuperseded: row(409, EXIT.device, 'the seal of the device ({found}) is not the one that is known ({known}): this is another state of the volume, such as a clone that was kept', 'do not use it; find the device whose seal is known, or have the receipt of this one handed in while it is at the site'),
  SealUnknown: row(409, EXIT.refused, 'the console knows no seal of job {jobId}', 'hand in the receipt.cms that the site wrote: waybill job receipt {jobId} receipt.cms'),
  DeviceUnproved: row(409, EXIT.device, '{path} does not prove to be the device of job {jobId}: {detail}', 'a label alone says nothing; find the device whose seal is known'),
  DeviceSwapped: row(409, EXIT.device, '{path} is not the device any more that the work began with', 'connect the device of the job alone, then run the same command again'),
  VolumeVersion: row(422, EXIT.device, 'the volume has format {found}; this program reads {known}', 'use a newer waybill'),
  FrameDamaged: row(422, EXIT.device, 'segment {segment} is damaged at offset {offset}', 'the objects on it are reported; copy them again or send them another way'),
  PayloadDamaged: row(422, EXIT.device, 'the device holds {found} where the file of this object belongs', 'copy the object again or send it another way; if nobody at the site did that, report the device on the job page'),
  PageDamaged: row(422, EXIT.device, 'catalog page {page} is damaged', 'the objects of its segment cannot be named; copy them again'),

  // Objects of the source
  HostLimit: row(503, EXIT.refused, 'this host has no more open files to give: {detail}', 'raise its limit (ulimit -n), or use fewer --workers, then run the same command again; it resumes'),
  StateUnavailable: row(507, EXIT.refused, 'the state directory {path} cannot be used: {detail}', 'make room, or give another one with --state, then run the same command again'),
  SourceNotFound: row(404, EXIT.usage, 'the source {path} cannot be read: {detail}', 'give a directory, a block device or an image file that exists and can be read'),
  SourceInUse: row(409, EXIT.refused, 'the source {path} is in use: it is mounted, or part of something that is', 'unmount it, or copy a snapshot of it'),
  SourceIsDevice: row(422, EXIT.usage, 'source {source} and device {device} lie inside each other', 'give a source that does not contain the device'),
  ObjectUnreadable: row(422, EXIT.problems, 'cannot be read: {detail}', 'correct its permissions and run the copy again'),
  ObjectVanished: row(422, EXIT.problems, 'disappeared while it was copied', 'nothing, if that was intended'),
  ObjectChanged: row(422, EXIT.problems, 'kept changing while it was copied', 'stop what writes to it and run the copy again'),
  UnsupportedFileType: row(422, EXIT.problems, 'is a {type}; only files, directories and symbolic links can be copied', 'leave it out, or copy what it stands for'),
  AgentFilesSkipped: row(422, EXIT.done, 'is where this program keeps its state or its sign-in, and was left out', 'nothing needs to be done'),
  DeviceSkipped: row(422, EXIT.done, 'is the device that is copied to, and was left out', 'nothing needs to be done'),
  SymlinkSkipped: row(422, EXIT.done, 'is a symbolic link and was left out', 'use --symlinks follow to copy what it points to'),
  SymlinkLoop: row(422, EXIT.problems, 'is a symbolic link that leads back to itself', 'remove the link'),
  SymlinkBroken: row(422, EXIT.problems, 'is a symbolic link to something that does not exist', 'correct or remove the link'),
  StepFailed: row(422, EXIT.problems, 'was left out, because the step {step} failed: {detail}', 'correct what the step complains of and run the copy again, or send the object without the step'),
  ChangingTaken: row(422, EXIT.done, 'changed while it was copied, and was taken as far as its size when it was opened', 'stop what writes to it and run the copy again, if it must be whole in itself'),
  StepFailedKept: row(422, EXIT.done, 'was kept as it was, because the step {step} failed: {detail}', 'correct what the step complains of, or process the object after the import'),
  KeyRefused: row(422, EXIT.problems, 'its name cannot be a key in the destination: {detail}', 'rename it and run the copy again'),
  ObjectKindUnknown: row(422, EXIT.problems, 'is an object of a kind that this program does not know', 'restore it with a newer waybill'),
  DeviceNameRefused: row(422, EXIT.problems, "the device's file system cannot keep its name: {detail}", 'rename it, or use a device with another file system (ext4, XFS), and run the copy again'),
  DeviceNameClash: row(422, EXIT.problems, "the device's file system takes its name for that of {other}", 'rename one of the two, or use a device with another file system (ext4, XFS), and run the copy again'),
  DeviceFileTooLarge: row(422, EXIT.problems, "is {actual}; a file on the device's file system can have {limit}", 'use a device with another file system (ext4, XFS, exFAT), or split it, and run the copy again'),
  ObjectTooLarge: row(422, EXIT.problems, 'is {actual}; the destination takes objects up to {limit}', 'split it'),

  // Stores
  StoreUnavailable: row(502, EXIT.store, 'the store cannot be used: {detail}', 'check its settings and rights, then run the same command again'),
  StoreRefuses: row(502, EXIT.store, 'the store refuses what would be any object: {meaning} ({detail})', '{fix}; nothing was lost, and the same command goes on'),
  StoreFull: row(507, EXIT.store, 'the store is full: {detail}', 'make room, then run the same command again; it resumes'),
  StoreKeyConflict: row(409, EXIT.problems, 'the key lies under, or above, another object of the store', 'rename one of the two'),
  ObjectExists: row(409, EXIT.problems, 'the store holds another object under this key', 'choose the overwrite policy if-different or always to replace it (--overwrite), or another prefix'),
  ObjectRefused: row(422, EXIT.problems, 'the store refused the object: {detail}', 'correct what it names, then run the same command again; the rest is not sent again'),
  ObjectUnanswered: row(422, EXIT.problems, 'the store gave no answer that counts for this object in {attempts} attempts, while it took others: {detail}', 'try the failed objects again, or look at what lies between station and store'),
  ObjectArchived: row(409, EXIT.problems, 'the object is archived and cannot be read at once', 'restore it in the store first (S3 RestoreObject), then run the same command again'),
  ChecksumMismatch: row(422, EXIT.problems, 'the bytes are not what they should be: {detail}', 'copy it again or send it another way'),
  BucketNotFound: row(404, EXIT.store, 'bucket {bucket} does not exist', 'create it, or choose another'),
  StoreRightsMissing: row(422, EXIT.store, 'bucket {bucket} does not let this key pair do what an {type} needs: {rights}', 'have these rights granted (STORES.md lists them), or use another key pair: waybill store change-key'),
  StoreOutOfReach: row(502, EXIT.store, 'the store cannot be tried from this host: {detail}', 'check its address; where only stations reach it: --skip-store-check, and the station tries it before a device leaves'),
  ExportTooLarge: row(422, EXIT.refused, 'the range holds {objects} objects, {bytes}: more than the {size} of a device; its parts: {parts}', 'make a job of each part: {command}'),
  StoreEmptyRange: row(422, EXIT.store, 'there is nothing to export under {prefix}', 'choose another prefix or key range'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;
type Fact = string | number | bigint;
export type Facts = Record<string, Fact | undefined>;

/** The names in braces of a text. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

type FactName<Code extends ErrorCode> = Placeholders<(typeof ERRORS)[Code]['say' | 'next']>;

/**
 * The facts that the row of a code speaks of, and any others. A code that is only known when the program runs takes any:
 * it came with its facts from elsewhere.
 */
export type FactsOf<Code extends ErrorCode> = ErrorCode extends Code
  ? Facts
  : Facts & Record<FactName<Code>, Fact>;

/** Facts may be left out where the row speaks of none. */
type ErrorDetails<Code extends ErrorCode> =
  Facts extends FactsOf<Code>
    ? [facts?: Facts, options?: { cause?: unknown }]
    : [facts: FactsOf<Code>, options?: { cause?: unknown }];

const fill = (text: string, facts: Facts): string =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => String(facts[name] ?? `(${name} unknown)`));

/** Message and next step of an error code with its facts filled in. */
export function describeError(
  code: ErrorCode,
  facts: Facts = {},
): { message: string; next: string } {
  return { message: fill(ERRORS[code].say, facts), next: fill(ERRORS[code].next, facts) };
}

/** The next step of an error where the program tries again by itself: nobody has a command to run. */
export const nextOfRetried = ({ next }: WaybillError): string =>
  next
    .replace(/,? (then|and) run the same command again(; it resumes)?/, '; it goes on by itself')
    .replace('the same command goes on', 'it goes on by itself');

/** Every error that a person or program may see. Anything else that is thrown is a bug. */
export class WaybillError<Code extends ErrorCode = ErrorCode> extends Error {
  readonly code: Code;
  readonly facts: Facts;
  readonly next: string;

  constructor(code: Code, ...[given, options]: ErrorDetails<Code>) {
    const facts: Facts = given ?? {};
    const text = describeError(code, facts);
    super(text.message, options);
    this.name = 'WaybillError';
    this.code = code;
    this.facts = facts;
    this.next = text.next;
  }

  get http(): number {
    return ERRORS[this.code].http;
  }

  get exit(): ExitCode {
    return ERRORS[this.code].exit;
  }
}

/** True for a WaybillError, of one of the given codes if any are given. */
export function isWaybillError<Code extends ErrorCode = ErrorCode>(
  error: unknown,
  ...codes: Code[]
): error is WaybillError<Code> {
  const known: readonly ErrorCode[] = codes;
  return error instanceof WaybillError && (known.length === 0 || known.includes(error.code));
}

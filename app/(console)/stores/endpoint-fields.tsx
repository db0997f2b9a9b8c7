'use client';

import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import type { ListedStore, StoreRequest } from '../../../lib/api/schemas/store-schemas.ts';
import { type StorageClass, storageClassesOf } from '../../../lib/domain/storage-classes.ts';
import { TextField } from '../../_ui/text-field.tsx';

/** What a person enters about an endpoint. */
export interface Endpoint {
  address: string;
  region: string;
  pathStyle: boolean;
  storageClass: StorageClass | '';
  encryption: '' | 'AES256' | 'aws:kms';
  kmsKey: string;
  /** ETags have the form of an MD5 but are none. */
  opaqueEtags: boolean;
  accessKeyId: string;
  secretAccessKey: string;
}

export const NEW_ENDPOINT: Endpoint = {
  address: '',
  region: 'us-east-1',
  pathStyle: true,
  storageClass: '',
  encryption: '',
  kmsKey: '',
  opaqueEtags: false,
  accessKeyId: '',
  secretAccessKey: '',
};

/** What is known of an endpoint, to be changed; its key pair is not. */
export function endpointOf(remote: ListedStore['remote']): Endpoint {
  if (!remote) return NEW_ENDPOINT;
  const { endpoint, region, pathStyle, storageClass = '', encryption } = remote;
  return {
    ...NEW_ENDPOINT,
    address: endpoint,
    region,
    pathStyle,
    storageClass,
    opaqueEtags: remote.etags === 'opaque',
    encryption: encryption?.mode ?? '',
    kmsKey: encryption?.mode === 'aws:kms' ? (encryption.keyId ?? '') : '',
  };
}

/** The endpoint as the API takes it. */
export function remoteOf(
  endpoint: Endpoint,
): Required<Pick<StoreRequest, 'remote' | 'credentials'>> {
  const { address, region, storageClass, encryption, kmsKey } = endpoint;
  const { accessKeyId, secretAccessKey } = endpoint;
  return {
    remote: {
      endpoint: address.trim(),
      region: region.trim(),
      pathStyle: address.trim() !== '' && endpoint.pathStyle,
      ...(storageClass ? { storageClass } : {}),
      ...(endpoint.opaqueEtags ? { etags: 'opaque' as const } : {}),
      ...(encryption === 'aws:kms'
        ? { encryption: { mode: encryption, ...(kmsKey ? { keyId: kmsKey } : {}) } }
        : encryption
          ? { encryption: { mode: encryption } }
          : {}),
    },
    credentials: { accessKeyId, secretAccessKey },
  };
}

const ENCRYPTIONS = [
  { value: '', label: 'As the bucket does by itself' },
  { value: 'AES256', label: 'With keys of the store (SSE-S3)' },
  { value: 'aws:kms', label: 'With a key of AWS KMS (SSE-KMS)' },
] as const;

interface EndpointFieldsProps {
  kind: StoreRequest['kind'];
  value: Endpoint;
  onChange: (value: Endpoint) => void;
  /** There is a key pair, which stays unless another one is entered. */
  keptKeyPair?: boolean;
}

/** The fields of an endpoint. The key pair is write-only: no page ever gets it back. */
export function EndpointFields(props: EndpointFieldsProps) {
  const { kind, value, onChange, keptKeyPair = false } = props;
  const change = (part: Partial<Endpoint>) => onChange({ ...value, ...part });
  const classes = [
    { value: '', label: kind === 'glacier' ? 'GLACIER' : 'As the bucket does by itself' },
    ...storageClassesOf(kind)
      .filter((name) => kind !== 'glacier' || name !== 'GLACIER')
      .map((name) => ({ value: name, label: name })),
  ];
  return (
    <>
      <TextField
        label="Endpoint"
        constraint="Such as https://s3.example.com; empty for AWS"
        value={value.address}
        onChange={(address) => change({ address })}
      />
      <TextField label="Region" value={value.region} onChange={(region) => change({ region })} />
      {value.address.trim() !== '' && (
        <Checkbox
          checked={value.pathStyle}
          description="Most endpoints but AWS's want it so"
          onChange={({ detail }) => change({ pathStyle: detail.checked })}
        >
          The bucket is in the path of the address
        </Checkbox>
      )}
      <TextField
        label={keptKeyPair ? 'Access key id (optional)' : 'Access key id'}
        {...(keptKeyPair && {
          constraint: 'Leave both empty to keep the key pair; another endpoint needs its own',
        })}
        value={value.accessKeyId}
        onChange={(accessKeyId) => change({ accessKeyId })}
      />
      <TextField
        label={keptKeyPair ? 'Secret access key (optional)' : 'Secret access key'}
        type="password"
        autoComplete="new-password"
        constraint="Kept wrapped, given to stations only, never shown again"
        value={value.secretAccessKey}
        onChange={(secretAccessKey) => change({ secretAccessKey })}
      />
      <FormField label="Storage class">
        <Select
          options={classes}
          selectedOption={classes.find((each) => each.value === value.storageClass) ?? null}
          onChange={({ detail }) =>
            change({
              storageClass:
                storageClassesOf(kind).find((name) => name === detail.selectedOption.value) ?? '',
            })
          }
        />
      </FormField>
      <FormField label="Encryption in the store">
        <Select
          options={ENCRYPTIONS}
          selectedOption={ENCRYPTIONS.find((each) => each.value === value.encryption) ?? null}
          onChange={({ detail }) =>
            change({
              encryption:
                ENCRYPTIONS.find((each) => each.value === detail.selectedOption.value)?.value ?? '',
            })
          }
        />
      </FormField>
      <Checkbox
        checked={value.opaqueEtags}
        description="Exports then do not compare objects with them; say so when every export of this store fails with ChecksumMismatch"
        onChange={({ detail }) => change({ opaqueEtags: detail.checked })}
      >
        ETags look like an MD5 but are none
      </Checkbox>
      {value.encryption === 'aws:kms' && (
        <TextField
          label="Key of AWS KMS"
          constraint="ARN, id or alias; empty for the key of the account"
          value={value.kmsKey}
          onChange={(kmsKey) => change({ kmsKey })}
        />
      )}
    </>
  );
}

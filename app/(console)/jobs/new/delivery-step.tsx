'use client';

import FormField from '@cloudscape-design/components/form-field';
import Link from '@cloudscape-design/components/link';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import Select from '@cloudscape-design/components/select';
import type { JobNotification } from '../../../../lib/domain/notifications.ts';
import { OPTION_RULES } from '../../../../lib/domain/options.ts';
import { SHIPPING_SERVICE_LABELS } from '../../../../lib/domain/shipments.ts';
import { isWord, SHIPPING_SERVICES } from '../../../../lib/domain/words.ts';
import { ChoiceFields } from '../../../_parts/notification-fields.tsx';
import { describeChoice } from '../../../_parts/notification-words.ts';
import type { Draft } from './draft.ts';
import { StepFrame } from './step-frame.tsx';
import type { StepProps } from './step-props.ts';

const ANY_SERVICE = { value: '', label: 'As whoever ships it chooses' };
const SERVICES = [
  ANY_SERVICE,
  ...SHIPPING_SERVICES.map((value) => ({ value, label: SHIPPING_SERVICE_LABELS[value] })),
];
/** What a job tells unless it is asked for something else: that it needs somebody, and that it is over. */
const FIRST_CHOICE: JobNotification = {
  targetIds: [],
  notifyAll: false,
  states: ['completed', 'cancelled'],
  attention: true,
};

/** The service in words, for the review. */
export const serviceOf = ({ shippingService }: Draft): string =>
  shippingService ? SHIPPING_SERVICE_LABELS[shippingService] : ANY_SERVICE.label;

/** Who is told, in words, for the review. */
export function describeNotification(
  { notification }: Draft,
  targets: StepProps['targets'],
): string {
  if (!notification) return 'As for every job';
  const named = targets.filter(({ id }) => notification.targetIds.includes(id));
  return `${named.map(({ name }) => name).join(', ')}: ${describeChoice(notification)}`;
}

/** Where the device goes, how it is shipped, and who is told what happens. */
export function DeliveryStep({ draft, onChange, addresses, targets }: StepProps) {
  const options = addresses.map(({ id, name, company, street1, city }) => ({
    value: id,
    label: name,
    description: [company, street1, city].filter(Boolean).join(', '),
  }));
  const { deviceShipsFirst } = OPTION_RULES[draft.option];
  return (
    <StepFrame>
      <FormField
        label="Address of the site"
        description={
          deviceShipsFirst
            ? 'The device is sent there, and picked up from there.'
            : 'Your disk is returned there.'
        }
        constraintText={
          <>
            Not in the list?{' '}
            <Link href="/addresses" external externalIconAriaLabel="Opens in a new tab">
              Add it
            </Link>
            ; this draft stays.
          </>
        }
      >
        <Select
          options={options}
          selectedOption={options.find(({ value }) => value === draft.addressId) ?? null}
          placeholder="Choose an address, or add it later"
          empty="No address yet"
          onChange={({ detail }) =>
            onChange({ ...draft, addressId: detail.selectedOption.value ?? '' })
          }
        />
      </FormField>
      <FormField
        label="Shipping service"
        description="What the carrier is asked for; whoever hands the device over may choose another."
      >
        <Select
          options={SERVICES}
          selectedOption={SERVICES.find(({ value }) => value === draft.shippingService) ?? null}
          onChange={({ detail }) => {
            const { value } = detail.selectedOption;
            onChange({ ...draft, shippingService: isWord(SHIPPING_SERVICES, value) ? value : '' });
          }}
        />
      </FormField>
      <NotificationFields
        value={draft.notification}
        targets={targets}
        onChange={(notification) => onChange({ ...draft, notification })}
      />
    </StepFrame>
  );
}

interface NotificationFieldsProps {
  value: JobNotification | null;
  targets: StepProps['targets'];
  onChange: (value: JobNotification | null) => void;
}

/** As the targets hear of every job, or targets of this job's own with what they are told. */
function NotificationFields({ value, targets, onChange }: NotificationFieldsProps) {
  const options = targets.map(({ id, name, address }) => ({
    value: id,
    label: name,
    description: address,
  }));
  const everyJob = targets.filter((target) => target.everyJob && target.disabledAt === null);
  const usual =
    everyJob.length === 0
      ? 'Nobody hears of every job yet: an administrator adds targets in the settings.'
      : `${everyJob.map(({ name }) => name).join(', ')}, with what each hears of every job`;
  return (
    <>
      <FormField label="Who is told what happens to it?">
        <RadioGroup
          value={value ? 'own' : 'usual'}
          items={[
            { value: 'usual', label: 'As for every job', description: usual },
            {
              value: 'own',
              label: 'Choose for this job',
              description: 'The targets that you choose hear this, whatever they hear of others.',
              disabled: targets.length === 0,
            },
          ]}
          onChange={({ detail }) => onChange(detail.value === 'own' ? FIRST_CHOICE : null)}
        />
      </FormField>
      {value && (
        <>
          <FormField label="Targets">
            <Multiselect
              placeholder="Choose webhooks and mail addresses"
              selectedAriaLabel="Chosen"
              options={options}
              selectedOptions={options.filter((one) => value.targetIds.includes(one.value))}
              onChange={({ detail }) =>
                onChange({
                  ...value,
                  targetIds: detail.selectedOptions.flatMap((option) => option.value ?? []),
                })
              }
            />
          </FormField>
          <ChoiceFields value={value} onChange={(choice) => onChange({ ...value, ...choice })} />
        </>
      )}
    </>
  );
}

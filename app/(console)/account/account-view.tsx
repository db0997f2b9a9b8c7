'use client';

import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { sendAuth, usePerson } from '../../_data/session.tsx';
import { NewPasswordFields, NO_PASSWORD, passwordProblem } from '../../_parts/new-password.tsx';
import { ROLE_NAMES } from '../../_parts/role-words.ts';
import { SessionsTable } from '../../_parts/sessions-table.tsx';
import { useNotify } from '../../_ui/notices.tsx';
import { PageFrame } from '../../_ui/page-frame.tsx';
import { TextField } from '../../_ui/text-field.tsx';

/** The signed-in person and their password. */
export function AccountView() {
  const person = usePerson();
  const notify = useNotify();
  const [currentPassword, setCurrent] = useState('');
  const [chosen, setChosen] = useState(NO_PASSWORD);
  const [problem, setProblem] = useState('');
  const submit = async () => {
    const differs = passwordProblem(chosen);
    if (differs) return setProblem(differs);
    const newPassword = chosen.password;
    const body = { currentPassword, newPassword, revokeOtherSessions: true };
    const { ok, message } = await sendAuth('/change-password', body);
    setProblem(ok ? '' : message || 'The console does not answer.');
    if (!ok) return;
    setCurrent('');
    setChosen(NO_PASSWORD);
    notify('success', 'The password is changed; other sessions are ended.');
  };
  return (
    <PageFrame title="Account">
      <Container>
        <KeyValuePairs
          columns={3}
          items={[
            { label: 'Name', value: person.name },
            { label: 'E-mail address', value: person.email },
            { label: 'Role', value: ROLE_NAMES[person.role] },
          ]}
        />
      </Container>
      <SessionsTable />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Container header={<Header variant="h2">Change password</Header>}>
          <Form
            {...(problem && { errorText: problem })}
            actions={<Button formAction="submit">Change password</Button>}
          >
            <SpaceBetween size="m">
              <TextField
                label="Password now"
                type="password"
                autoComplete="current-password"
                value={currentPassword}
                onChange={setCurrent}
              />
              <NewPasswordFields label="New password" value={chosen} onChange={setChosen} />
            </SpaceBetween>
          </Form>
        </Container>
      </form>
    </PageFrame>
  );
}

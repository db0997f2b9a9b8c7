import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { PeopleView } from './people-view.tsx';

export const metadata: Metadata = { title: 'People' };

export default function Page() {
  return (
    <Prefetched asks={[['listPeople'], ['listInvitations']]}>
      <PeopleView />
    </Prefetched>
  );
}

import type { Metadata } from 'next';
import { Answered } from '../../_data/prefetched.tsx';
import { PeopleView } from './people-view.tsx';

export const metadata: Metadata = { title: 'People' };

export default function Page() {
  return (
    <Answered asks={[['listPeople'], ['listInvitations']]}>
      <PeopleView />
    </Answered>
  );
}

import type { Metadata } from 'next';
import { Prefetched } from '../../_data/prefetched.tsx';
import { readSearchParams, type SearchProps } from '../../_data/search-params.ts';
import { devicesAsk, readDeviceFilter } from './devices-ask.ts';
import { DevicesView } from './devices-view.tsx';

export const metadata: Metadata = { title: 'Devices' };

export default async function Page(props: SearchProps) {
  const filter = readDeviceFilter(await readSearchParams(props));
  return (
    <Prefetched asks={[['listDevices', devicesAsk(filter)]]}>
      <DevicesView />
    </Prefetched>
  );
}

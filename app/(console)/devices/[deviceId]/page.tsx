import type { Metadata } from 'next';
import { DeviceView } from './device-view.tsx';

export const metadata: Metadata = { title: 'Device' };

export default async function Page({ params }: { params: Promise<{ deviceId: string }> }) {
  const { deviceId } = await params;
  return <DeviceView deviceId={decodeURIComponent(deviceId)} />;
}

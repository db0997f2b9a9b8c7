import type { Metadata } from 'next';
import { DeviceView } from './device-view.tsx';

interface PageProps {
  params: Promise<{ deviceId: string }>;
}

export async function generateMetadata({ params }: PageProps): Promise<Metadata> {
  return { title: `Device ${decodeURIComponent((await params).deviceId)}` };
}

export default async function Page({ params }: PageProps) {
  const { deviceId } = await params;
  return <DeviceView deviceId={decodeURIComponent(deviceId)} />;
}

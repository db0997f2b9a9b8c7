'use client';

import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import Link, { type LinkProps } from '@cloudscape-design/components/link';
import { useRouter } from 'next/navigation';

/** A link within the console: a real `<a href>`, followed without loading the page anew. */
export function RouterLink(props: LinkProps & { href: string }) {
  const router = useRouter();
  return (
    <Link
      {...props}
      onFollow={(event) => {
        event.preventDefault();
        router.push(props.href);
      }}
    />
  );
}

/** A button that leads to another page of the console. */
export function RouterButton(props: ButtonProps & { href: string }) {
  const router = useRouter();
  return (
    <Button
      {...props}
      onFollow={(event) => {
        event.preventDefault();
        router.push(props.href);
      }}
    />
  );
}

'use client';

import type { FlashbarProps } from '@cloudscape-design/components/flashbar';
import dynamic from 'next/dynamic';
import { createContext, type ReactNode, use, useCallback, useRef, useState } from 'react';

type Kind = 'success' | 'info' | 'warning' | 'error';
type Notify = (kind: Kind, header: string, content?: ReactNode) => void;

const NotifyContext = createContext<Notify>(() => {});
const ItemsContext = createContext<readonly FlashbarProps.MessageDefinition[]>([]);

/** Holds what the person is told at the top of the page until they dismiss it. */
export function NoticesProvider({ children }: { children: ReactNode }) {
  const [items, setItems] = useState<readonly FlashbarProps.MessageDefinition[]>([]);
  const count = useRef(0);
  const notify = useCallback<Notify>((type, header, content) => {
    count.current += 1;
    const id = `notice-${count.current}`;
    const onDismiss = () => setItems((now) => now.filter((item) => item.id !== id));
    setItems((now) => [
      { id, type, header, content, dismissible: true, dismissLabel: 'Dismiss', onDismiss },
      ...now.slice(0, 4),
    ]);
  }, []);
  return (
    <NotifyContext value={notify}>
      <ItemsContext value={items}>{children}</ItemsContext>
    </NotifyContext>
  );
}

/** Tells the person something at the top of the page. */
export function useNotify(): Notify {
  return use(NotifyContext);
}

/** They come when there is something to tell. */
const Flashbar = dynamic(() => import('@cloudscape-design/components/flashbar'), { ssr: false });

export function Notices() {
  const items = use(ItemsContext);
  return items.length > 0 && <Flashbar items={items} i18nStrings={{ ariaLabel: 'Notices' }} />;
}

'use client';

import { type RefObject, useEffect, useRef } from 'react';

/**
 * Keeps the chosen tab of tabs in sight. The design system scrolls to it before its own arrows have taken their
 * place, so that a late tab stays out of sight on a phone. Returns the ref of an element around the tabs.
 */
export function useScrollTabIntoView(chosen: string): RefObject<HTMLDivElement | null> {
  const around = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab is looked for when another is chosen
  useEffect(() => {
    const list = around.current?.querySelector('[role="tablist"]');
    if (!list) return;
    const observer = new ResizeObserver(() => {
      const tab = list.querySelector('[aria-selected="true"]');
      if (!tab) return;
      const [inside, outside] = [tab.getBoundingClientRect(), list.getBoundingClientRect()];
      if (inside.left >= outside.left && inside.right <= outside.right) return;
      // Not by `scrollIntoView`, which moves the page as well.
      list.scrollLeft += (inside.left + inside.right - outside.left - outside.right) / 2;
    });
    observer.observe(list);
    return () => observer.disconnect();
  }, [chosen]);
  return around;
}

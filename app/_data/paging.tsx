'use client';

import Pagination from '@cloudscape-design/components/pagination';
import { useCallback, useState } from 'react';

/** Pages of a list that the server continues from a mark: back is what was shown, on is what comes next. */
export function usePages<M>() {
  const [marks, setMarks] = useState<(M | undefined)[]>([undefined]);
  const [at, setAt] = useState(0);
  const restart = useCallback(() => {
    setMarks([undefined]);
    setAt(0);
  }, []);
  return {
    /** Where the page on the screen begins; undefined for the first. */
    mark: marks[at],
    /** Back to the first page: another filter. */
    restart,
    /** The control, given the mark after this page. */
    control: (next: M | null | undefined) => (
      <Pagination
        openEnd={next !== null && next !== undefined}
        currentPageIndex={at + 1}
        pagesCount={at + 1 + (next === null || next === undefined ? 0 : 1)}
        ariaLabels={{
          nextPageLabel: 'Next page',
          previousPageLabel: 'Previous page',
          pageLabel: (page) => `Page ${page}`,
        }}
        onChange={({ detail }) => {
          const index = detail.currentPageIndex - 1;
          if (index > at && next !== null && next !== undefined) {
            setMarks([...marks.slice(0, at + 1), next]);
            setAt(at + 1);
          } else setAt(Math.min(index, at));
        }}
      />
    ),
  };
}

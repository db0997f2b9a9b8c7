/** What a page is given that reads its address. */
export interface SearchProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

/** The query of an address, as the browser's hook has it; of what is given twice the first. */
export async function readSearchParams({ searchParams }: SearchProps): Promise<URLSearchParams> {
  const given = Object.entries(await searchParams).map(([name, value]) => [
    ...[name, String([value].flat()[0] ?? '')],
  ]);
  return new URLSearchParams(given);
}

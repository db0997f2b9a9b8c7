import Link from 'next/link';

export default function NotFound() {
  return (
    <main className="centered">
      <div>
        <h1>There is no such page</h1>
        <p>
          Check the address, or go to the <Link href="/">overview</Link>.
        </p>
      </div>
    </main>
  );
}

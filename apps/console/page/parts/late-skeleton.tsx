import { Skeleton } from '@mantine/core';
import { useEffect, useState } from 'react';

/** Lines to come, if they take longer than an eye notices. */
export function LateSkeleton({ lines = 6 }: { lines?: number }) {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = window.setTimeout(() => setLate(true), 150);
    return () => window.clearTimeout(timer);
  }, []);
  if (!late) return null;
  return (
    <div aria-busy="true" aria-label="Loading" role="status">
      {Array.from({ length: lines }, (_, line) => (
        <Skeleton key={line} height={14} mt={14} width={`${92 - ((line * 17) % 40)}%`} radius={3} />
      ))}
    </div>
  );
}

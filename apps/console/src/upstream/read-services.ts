export interface ServiceAddress {
  name: string;
  url: string;
}

interface Reading {
  addresses: ServiceAddress[];
  /** Why it cannot be read. */
  problem?: string;
}

const example = 'must be name=http://host:port,…';

/** `orders=http://orders:3000,…`, in its order. */
export function readServices(text: string): Reading {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) return { addresses: [], problem: example };
  const addresses: ServiceAddress[] = [];
  for (const part of parts) {
    const [, name, url] = /^([a-z][a-z0-9-]*)=(https?:\/\/.+)$/.exec(part) ?? [];
    if (name === undefined || url === undefined || !URL.canParse(url)) {
      return { addresses: [], problem: `${example}: "${part}" is not` };
    }
    addresses.push({ name, url: url.replace(/\/+$/, '') });
  }
  return { addresses };
}

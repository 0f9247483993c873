import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { shortened } from '../parts/id';

interface Props {
  to: string;
  /** An id, shortened, with the whole of it in the tooltip. */
  id?: string;
  children?: ReactNode;
}

/** The way to another view. */
export function NavLink({ to, id, children }: Props) {
  return (
    <Link
      href={to}
      title={id}
      className={id === undefined ? undefined : 'mono'}
      onClick={(event) => event.stopPropagation()}
    >
      {id === undefined ? children : shortened(id)}
    </Link>
  );
}

/** The way to what a contract says. */
export function ContractLink({ name }: { name: string }) {
  return <NavLink to={`/contracts?contract=${encodeURIComponent(name)}`}>{name}</NavLink>;
}

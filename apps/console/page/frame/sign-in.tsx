import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import type { Session } from '../../src/api/session';
import { signIn } from '../api/session';
import { reason } from '../parts/states';
import { ApiProblem } from '../api/request';
import classes from './sign-in.module.css';

const asks = {
  'ops-token': {
    why: 'It acts on the running system, so it asks for the ops token, once.',
    label: 'Ops token',
    what: 'OPS_TOKEN, as the services have it',
  },
  'bearer-token': {
    why: 'It acts on the running system, so it asks for an operator’s token.',
    label: 'Bearer token',
    what: 'With the scope ops; the session ends with it',
  },
};

/** The console shows and does what an operator may: it asks for a token, once. */
export default function SignIn({ wants }: Pick<Session, 'wants'>) {
  const { why, label, what } = asks[wants];
  const [token, setToken] = useState('');
  const [error, setError] = useState<string>();
  const [asking, setAsking] = useState(false);
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    setError(undefined);
    signIn(token)
      .catch((failure: unknown) => setError(words(failure)))
      .finally(() => setAsking(false));
  };
  return (
    <main className={classes.screen}>
      <form className={classes.form} onSubmit={onSubmit}>
        <title>Sign in · Tradepost</title>
        <img src="/icon.svg" alt="" width={32} height={32} />
        <h1>Tradepost console</h1>
        <p className="muted">{why}</p>
        <PasswordInput
          label={label}
          description={what}
          autoComplete={wants === 'ops-token' ? 'current-password' : 'off'}
          autoFocus
          value={token}
          error={error}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" loading={asking} disabled={token === ''}>
          Open the console
        </Button>
      </form>
    </main>
  );
}

function words(failure: unknown): string {
  return failure instanceof ApiProblem ? `${failure.message}.` : reason(failure);
}

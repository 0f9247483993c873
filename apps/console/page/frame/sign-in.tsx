import { Button, PasswordInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { signIn } from '../api/session';
import { reason } from '../parts/states';
import { ApiProblem } from '../api/request';
import classes from './sign-in.module.css';

/** The console shows and does what an operator may: it asks for the ops token, once. */
export default function SignIn() {
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
        <p className="muted">It acts on the running system, so it asks for the ops token, once.</p>
        <PasswordInput
          label="Ops token"
          description="OPS_TOKEN, as the services have it"
          autoComplete="current-password"
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
  if (failure instanceof ApiProblem && failure.status === 401) return 'This is not the token.';
  return reason(failure);
}

import { environment } from '../environment';

// A missing broker or database is one clear message, before any test starts.
environment();

jest.setTimeout(60_000);

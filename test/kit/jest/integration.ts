import { environment } from '../environment';
import { watchFetch } from '../hold-answers';

// A missing broker or database is one clear message, before any test starts.
environment();
watchFetch();

jest.setTimeout(60_000);

import { ProxyTracerProvider, trace } from '@opentelemetry/api';

// `node --require`: each seam makes its spans by the API, behind which there is no SDK.
trace.setGlobalTracerProvider(new ProxyTracerProvider());

import {
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  UseInterceptors,
} from '@nestjs/common';
import { type Observable, tap } from 'rxjs';
import type { HttpReply } from '../problem';
import { currentRequest, type HttpRequest, idempotentRequestOf } from './idempotent-request';

/**
 * A POST that is done once for all requests with the same Idempotency-Key: its use case works in
 * `Idempotency.transaction`, and its handler returns what that returned. Needs `IdempotencyModule`.
 */
export const Idempotent = () => UseInterceptors(IdempotencyInterceptor);

class IdempotencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const request = idempotentRequestOf(http.getRequest<HttpRequest>());
    if (!request) return next.handle();
    const reply = http.getResponse<HttpReply>();
    return currentRequest
      .run(request, () => next.handle())
      .pipe(
        tap(() => {
          if (!request.answered) throw new Error(`${request.scope} kept no record of its key`);
          if (request.answered === 'before') reply.header('idempotent-replayed', 'true');
        }),
      );
  }
}

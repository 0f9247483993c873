import { applyDecorators } from '@nestjs/common';
import { IsInt, IsNumber, IsUrl, Matches, Max, Min } from 'class-validator';

/** A whole number from `min` to `max`. */
export const IsIntBetween = (min: number, max: number) =>
  applyDecorators(Max(max), Min(min), IsInt());

/** A share from 0 to 1. */
export const IsRate = () => applyDecorators(Max(1), Min(0), IsNumber());

/** @param example what a message shows: `http://host:port` */
export const IsServerUrl = (protocols: string[], example: string) =>
  IsUrl(
    { protocols, require_protocol: true, require_tld: false },
    { message: `must be a URL: ${example}` },
  );

/** A secret of Standard Webhooks. */
export const IsWebhookSecret = () =>
  Matches(/^whsec_[A-Za-z0-9+/]{32,86}={0,2}$/, {
    message: 'must be whsec_ and 24 to 64 bytes in base64',
  });

import { type ArgumentMetadata, Injectable, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { buildInstance, canonicalIds, pointerTo } from '@tradepost/messaging';
import { validate, type ValidationError } from 'class-validator';
import { type Fault, invalidRequest } from './problem';
import { unsafeInput } from './unsafe-input';

/** A request may have ten thousand faults; an answer names so many of them. */
const faultsMax = 20;

const notValidated: unknown[] = [String, Boolean, Number, Array, Object];

/** Makes bodies and queries instances of their classes. Strict: an unknown field is an error. */
@Injectable()
export class RequestValidation implements PipeTransform<unknown> {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if (type === 'custom' || !metatype || notValidated.includes(metatype)) return value;
    // Messages pass here too, as instances: their runtime has validated them, tolerantly.
    if (value instanceof metatype) return value;
    const given = value ?? {};
    if (typeof given !== 'object' || Array.isArray(given)) {
      throw invalidRequest([{ pointer: '', detail: 'must be an object' }]);
    }
    const fault = unsafeInput(given);
    if (fault) throw invalidRequest([fault]);
    const plain = type === 'query' ? grouped(given) : given;
    const known = buildInstance(metatype as new () => object, plain, 'refused');
    if (known) return known;
    const instance = plainToInstance(metatype as new () => object, plain);
    const errors = await validate(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    if (errors.length === 0) {
      canonicalIds(instance);
      return instance;
    }
    if (value === undefined) throw invalidRequest([{ pointer: '', detail: 'there is no body' }]);
    throw invalidRequest(faults(errors).slice(0, faultsMax));
  }
}

// `field.orderId=7` of a query is `{ field: { orderId: '7' } }`.
function grouped(query: object): object {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(query as Record<string, unknown>)) {
    const [, group, field] = /^([a-z]+)\.([a-z]\w*)$/i.exec(name) ?? [];
    if (group === undefined || field === undefined) result[name] = value;
    else if ([group, field].some((part) => part in Object.prototype)) result[name] = value;
    else {
      result[group] ??= {};
      Object.assign(result[group] as object, { [field]: value });
    }
  }
  return result;
}

function faults(errors: ValidationError[], parent = ''): Fault[] {
  return errors.flatMap(({ property, constraints = {}, children = [] }) => {
    const pointer = pointerTo(parent, property);
    // One fault a field: that of the topmost decorator, which comes last and is about the type. The
    // fault of ValidateNested comes after it and adds nothing.
    const all = Object.entries(constraints);
    const broken = all.findLast(([rule]) => rule !== 'nestedValidation') ?? all.at(-1);
    if (!broken) return faults(children, pointer);
    const [rule, text] = broken;
    if (rule === 'whitelistValidation') return [{ pointer, detail: 'is not a known field' }];
    return [{ pointer, detail: withoutName(text, property) }];
  });
}

// The pointer names the field; class-validator's texts repeat it.
function withoutName(text: string, property: string): string {
  return text.replace(`each value in ${property} `, 'each value ').replace(`${property} `, '');
}

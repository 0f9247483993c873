import { applyDecorators } from '@nestjs/common';
import { IsOptional, ValidateBy } from 'class-validator';

const fieldsMax = 5;
const valueMax = 200;
const schema = {
  type: 'object',
  maxProperties: fieldsMax,
  propertyNames: { pattern: '^[A-Za-z]\\w{0,63}$' },
  additionalProperties: { type: 'string', minLength: 1, maxLength: valueMax },
};

/** `field.orderId=…&field.state=…` of a query: what has them all. */
export function IsFieldFilter(): PropertyDecorator {
  return applyDecorators(
    ValidateBy(
      {
        name: 'fields',
        validator: {
          validate: areFields,
          defaultMessage: () =>
            `$property must be up to ${fieldsMax} of field.<name>, each given once: ` +
            `a name of letters, digits and _, a value of 1 to ${valueMax} characters`,
        },
      },
      { context: { schema } },
    ),
    IsOptional(),
  );
}

function areFields(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const fields = Object.entries(value);
  return (
    fields.length <= fieldsMax &&
    fields.every(
      ([name, text]) =>
        /^[a-z]\w{0,63}$/i.test(name) &&
        typeof text === 'string' &&
        text.length > 0 &&
        text.length <= valueMax,
    )
  );
}

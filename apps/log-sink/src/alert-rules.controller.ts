import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { canonicalId } from '@tradepost/messaging';
import { notFound, Problem, Scope } from '@tradepost/service';
import { v7 as uuidv7 } from 'uuid';
import { AlertRuleRequest } from './alerts/alert-request';
import type { AlertRule } from './alerts/alert-rule';
import { AlertRulesStore } from './alerts/alert-rules.store';

/** Each warning is held against all of them. */
const rulesMax = 100;

@Controller('v1/alert-rules')
@Scope('ops')
export class AlertRulesController {
  constructor(private readonly rules: AlertRulesStore) {}

  /** List alert rules. */
  @Get()
  @Scope('logs:read')
  async list(): Promise<{ items: AlertRule[] }> {
    return { items: await this.rules.list() };
  }

  /** Add an alert rule. It counts from now on. */
  @Post()
  async add(@Body() request: AlertRuleRequest): Promise<AlertRule> {
    const { service = null, message = null, notify } = request;
    const own = { id: uuidv7(), createdAt: new Date(), notify: notify ?? true };
    const rule: AlertRule = { ...request, service, message, ...own };
    const outcome = await this.rules.insert(rule, rulesMax);
    if (outcome === 'same name') throw sameName(rule.name);
    if (outcome === 'too many') throw tooMany();
    return rule;
  }

  /** Delete an alert rule. Its alerts stay. */
  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') text: string): Promise<void> {
    const id = canonicalId(text);
    if (id === undefined || !(await this.rules.remove(id))) {
      throw notFound('alert-rule', 'no alert rule has this id');
    }
  }
}

function sameName(name: string): Problem {
  return new Problem({
    status: 409,
    type: 'alert-rule-exists',
    title: 'There is an alert rule with this name',
    detail: `"${name}": delete it first, or take another name`,
  });
}

function tooMany(): Problem {
  return new Problem({
    status: 409,
    type: 'too-many-alert-rules',
    title: 'Too many alert rules',
    detail: `there are ${rulesMax} already: delete one first`,
  });
}

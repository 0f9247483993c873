#!/usr/bin/env node
import { runDeadLettersCommand } from '../src/commands/dead-letters';
import { configured } from './config';

runDeadLettersCommand(process.argv.slice(2), configured('messaging-dead-letters'));

#!/usr/bin/env node
import { runTopologyCommand } from '../src/commands/topology';
import { configured } from './config';

runTopologyCommand(process.argv.slice(2), configured('messaging-topology'));

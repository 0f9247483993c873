import { Controller, Get, Inject } from '@nestjs/common';
import { PATH_METADATA } from '@nestjs/common/constants';
import { ModulesContainer } from '@nestjs/core';
import { Open } from './auth/route-access';
import { version } from './version';

/** What a service says of itself: the options of its module that are for its first reader. */
export interface About {
  name: string;
  /** One line: what it does. */
  about: string;
  /** Where its HTTP API is described: `docs/API.md#orders`. */
  api?: string;
}

export const About = Symbol('About');

interface Root extends Omit<About, 'api'> {
  version: string;
  links: { ready: string; openapi: string; routes: string[] };
  /** In the repository. */
  docs: Record<'api' | 'operations' | 'architecture' | 'console', string>;
}

/** Where somebody begins who knows the address alone. */
@Controller()
@Open('it says where to begin')
export class RootController {
  constructor(
    @Inject(About) private readonly about: About,
    private readonly modules: ModulesContainer,
  ) {}

  /** Say what this service is, and where to go on. */
  @Get()
  get(): Root {
    const { name, about, api = 'docs/API.md' } = this.about;
    return {
      ...{ name, version, about },
      links: { ready: '/health/ready', openapi: '/openapi.json', routes: this.routes() },
      docs: {
        api,
        operations: 'docs/OPERATIONS.md',
        architecture: 'docs/ARCHITECTURE.md',
        console: 'docs/CONSOLE.md',
      },
    };
  }

  /** Where each controller of the API begins. */
  private routes(): string[] {
    const controllers = [...this.modules.values()].flatMap((one) => [...one.controllers.values()]);
    const paths = controllers.flatMap(({ metatype }) =>
      metatype ? [Reflect.getMetadata(PATH_METADATA, metatype) as string] : [],
    );
    const own = paths.filter((path) => !/^(\/|health|metrics|openapi\.json|ops.*)$/.test(path));
    return [...new Set(own.map((path) => `/${path}`))].sort();
  }
}

// What `arq` takes of RxJS: its public API, in one place, so that a bundle which leaves RxJS to others imports it once.

export {
  asyncScheduler,
  distinctUntilChanged,
  filter,
  type InteropObservable,
  type MonoTypeOperatorFunction,
  Observable,
  type Observer,
  type OperatorFunction,
  type SchedulerAction,
  type SchedulerLike,
  Subject,
  type Subscribable,
  type Subscriber,
  Subscription,
  type TeardownLogic,
  takeUntil,
  throwError,
} from 'rxjs';

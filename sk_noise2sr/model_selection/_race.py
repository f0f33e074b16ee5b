"""A race of denoisers on hidden pixels: what is clearly behind is not tried again."""

import time

import numpy as np
from scipy.stats import rankdata
from sklearn.base import clone

from .._words import one_line

_DECIBEL = 10 / np.log(10)
_BEHIND = 3.0  # standard errors


class Trial:
    """A candidate, and what came of it each time that pixels were hidden from it.

    Parameters
    ----------
    name : str
        The name of the candidate.
    estimator : estimator
        What is tried; it stays unfitted.
    params : dict
        The point of its grid.
    """

    def __init__(self, name, estimator, params):
        self.name, self.estimator, self.params = name, estimator, params
        self.errors, self.variances, self.times, self.error = [], [], [], ""

    def run(self, X, truth, y):
        """Fit afresh, and keep the squared errors at hidden pixels; a failure is only noted.

        Parameters
        ----------
        X, truth : ndarray
            What :func:`hide_pixels` returns.
        y : ndarray or None
            The target of methods that need one.
        """
        known = ~np.isnan(truth)
        start = time.monotonic()
        try:
            estimator = clone(self.estimator).fit(X, y)
            fitted = time.monotonic()
            predicted = np.asarray(estimator.transform(X), dtype=float)
        except Exception as error:
            self.error = one_line(error)
            return
        self.times.append((fitted - start, time.monotonic() - fitted))
        self.errors.append((predicted - truth)[known] ** 2)
        self.variances.append(truth[known].var(dtype=float))
        if np.isnan(self.score()):
            self.error = "nothing to score on: the image or the result is constant"

    def forget(self):
        """Drop the results of the last time."""
        for results in (self.errors, self.variances, self.times):
            results.pop()

    def score(self):
        """Return the coefficient of determination in dB.

        Returns
        -------
        float
            Over all pixels that were hidden; greater is better.
        """
        with np.errstate(divide="ignore", invalid="ignore"):  # of a constant image
            share = np.mean(np.concatenate(self.errors)) / np.mean(self.variances)
            return float(-_DECIBEL * np.log(share))

    def behind(self, best):
        """Compare with another one, at the pixels that were hidden from both.

        Parameters
        ----------
        best : Trial
            The other one.

        Returns
        -------
        tuple of two float
            How far its errors lie below, in dB, and the standard error of that.
        """
        shared = min(len(self.errors), len(best.errors))
        if self.error or not shared:
            return np.nan, np.nan
        own, least = (np.concatenate(trial.errors[:shared]) for trial in (self, best))
        if not least.any():
            return np.nan, np.nan
        spread = (own - least).std() / np.sqrt(len(own)) / least.mean()
        return float(_DECIBEL * np.log(own.mean() / least.mean())), float(_DECIBEL * spread)


def race(trials, hidden, y, max_time=None, verbose=False):
    """Try each candidate on the first hidden pixels, then on others those that may still win.

    Parameters
    ----------
    trials : list of Trial
        The candidates.
    hidden : list of tuple
        Pairs (X, truth) of :func:`hide_pixels`.
    y : ndarray or None
        The target of methods that need one.
    max_time : float or None, default=None
        Seconds for all fits, and one more.
    verbose : bool, default=False
        Whether to print a line for each fit.

    Returns
    -------
    Trial or None
        The best one; None if all failed.
    """
    deadline = np.inf if max_time is None else time.monotonic() + max_time
    while due := _undecided(trials, len(hidden)):
        for number, trial in enumerate(due):
            left = deadline - time.monotonic()
            if left <= 0:
                _stop(due, number)
                return _leader(trials)
            if not trial.errors and np.isfinite(left):
                _limit(trial.estimator, left / (len(hidden) * (len(due) - number) + 1))
            trial.run(*hidden[len(trial.errors)], y)
            if verbose:
                print(f"DenoiserSelector: {_say(trial)}")
    return _leader(trials)


def _stop(due, number):
    """End a race in the midst of a round, which is void unless it is the first."""
    if due[number].errors:
        for trial in due[:number]:
            if not trial.error:  # a failed one has no result of this round
                trial.forget()
    else:
        for trial in due[number:]:
            trial.error = "not tried, the time was up"


def _leader(trials):
    """Return the best of those that were tried most often; None if there is none."""
    scored = [trial for trial in trials if trial.errors and not trial.error]
    most = max((len(trial.errors) for trial in scored), default=0)
    often = [trial for trial in scored if len(trial.errors) == most]
    return max(often, key=Trial.score, default=None)


def _undecided(trials, n_repeats):
    """Return the candidates to try next: those least tried of all that may be the best."""
    leader = _leader(trials)
    if leader is None:
        return [trial for trial in trials if not trial.error]
    due = []
    for trial in trials:
        difference, error = trial.behind(leader)
        if difference <= _BEHIND * error and len(trial.errors) < n_repeats:
            due.append(trial)
    if len(due) == 1 and due[0] is leader:
        return []
    fewest = min((len(trial.errors) for trial in due), default=0)
    return [trial for trial in due if len(trial.errors) == fewest]


def _limit(estimator, share):
    """Give an estimator its share of the time, if it can be limited."""
    for name, limit in estimator.get_params().items():
        if name.rpartition("__")[2] == "max_time":
            estimator.set_params(**{name: share if limit is None else min(limit, share)})


def tabulate(trials, best):
    """Return the table of a race.

    Parameters
    ----------
    trials : list of Trial
        The candidates.
    best : Trial
        The best one.

    Returns
    -------
    dict of ndarray
        See ``cv_results_`` of :class:`DenoiserSelector`.
    """
    behind, errors = np.transpose([trial.behind(best) for trial in trials])
    scores = np.array(
        [_comparable(trial, best, by) for trial, by in zip(trials, behind, strict=True)]
    )
    fit_times, score_times = np.transpose(
        [np.mean(trial.times, axis=0) if trial.times else (0.0, 0.0) for trial in trials]
    )
    return {
        "name": np.array([trial.name for trial in trials]),
        "params": np.array([trial.params for trial in trials], dtype=object),
        "mean_test_score": scores,
        "rank_test_score": rankdata(-np.nan_to_num(scores, nan=-np.inf), "min").astype(int),
        "behind_best": behind,
        "behind_best_error": errors,
        "n_repeats": np.array([len(trial.errors) for trial in trials]),
        "mean_fit_time": fit_times,
        "mean_score_time": score_times,
        "error": np.array([trial.error for trial in trials]),
    }


def _comparable(trial, best, behind):
    """Return a score as if the candidate had been tried as often as the best one."""
    if trial.error:
        return np.nan
    return trial.score() if np.isnan(behind) else best.score() - behind


def _say(trial):
    point = ", ".join(f"{name}={value!r}" for name, value in trial.params.items())
    outcome = trial.error or f"{trial.score():.3f} dB in {trial.times[-1][0]:.1f} s"
    return f"{trial.name}({point}): {outcome}"

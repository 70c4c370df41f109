package enhetsregisteret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/fullmakt/fullmakt"
)

// Bounds of the retries.
const (
	defaultAttempts = 6
	firstDelay      = 500 * time.Millisecond
	maxDelay        = 30 * time.Second
	maxRetryAfter   = 5 * time.Minute
	maxAnswer       = 64 << 20 // bytes of an answer
)

// answer is what the API said: 200 with a body, or 404 or 410.
type answer struct {
	status int
	body   []byte
}

// fetch gets a path of the API. It tries again, after a growing and jittered
// delay or the one that Retry-After asks for, when the connection breaks or the
// status is 429 or 5xx; the attempts are bounded. An answer is 200, 404 or 410;
// every other status is an error.
func (f *Follower) fetch(ctx context.Context, path string, query url.Values) (answer, error) {
	attempts := f.Attempts
	if attempts <= 0 {
		attempts = defaultAttempts
	}
	for attempt := 1; ; attempt++ {
		a, wait, err := f.once(ctx, path, query)
		if err == nil {
			return a, nil
		}
		if ctx.Err() != nil {
			return answer{}, context.Cause(ctx)
		}
		if wait < 0 {
			return answer{}, err
		}
		if attempt == attempts {
			return answer{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "gave up after %d attempts: %w", attempt, err).
				WithHint("the register is unreachable or overloaded; following goes on from the same place next time")
		}
		if wait > maxRetryAfter {
			return answer{}, fullmakt.Errorf(fullmakt.CodeUnavailable, "the register asks to wait for %v: %w", wait, err).
				WithHint("try again later; following goes on from the same place")
		}
		if wait == 0 {
			wait = f.delay(attempt)
		}
		if err := f.sleep(ctx, wait); err != nil {
			return answer{}, err
		}
	}
}

// once makes one request. With an error, wait is negative when another attempt
// makes no sense, positive when the server asked for a delay, else 0.
func (f *Follower) once(ctx context.Context, path string, query url.Values) (a answer, wait time.Duration, err error) {
	address := strings.TrimSuffix(f.BaseURL, "/") + path
	if len(query) > 0 {
		address += "?" + query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, -1, fullmakt.Errorf(fullmakt.CodeInvalid, "the register's address %q: %w", f.BaseURL, err)
	}
	// The register answers a wrong media type with 406 and without a wish with
	// the latest version, which the tolerant readers take.
	req.Header.Set("Accept", "*/*")
	req.Header.Set("User-Agent", f.userAgent())
	client := f.HTTP
	if client == nil {
		client = defaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return a, 0, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch status := resp.StatusCode; {
	case err != nil:
		return a, 0, fmt.Errorf("%s: the answer broke off: %w", path, err)
	case len(body) > maxAnswer:
		return a, -1, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: the answer is bigger than %d MB", path, maxAnswer>>20)
	case status == http.StatusOK, status == http.StatusNotFound, status == http.StatusGone:
		return answer{status, body}, 0, nil
	case status == http.StatusTooManyRequests, status >= 500:
		return a, f.retryAfter(resp.Header.Get("Retry-After")), fmt.Errorf("%s: %s", path, resp.Status)
	default:
		return a, -1, fullmakt.Errorf(fullmakt.CodeUnavailable, "%s: %s: %s", path, resp.Status, clip(body))
	}
}

// defaultClient bounds every request in time.
var defaultClient = &http.Client{Timeout: time.Minute}

func (f *Follower) userAgent() string {
	if f.UserAgent != "" {
		return f.UserAgent
	}
	return "fullmakt (+https://github.com/fullmakt/fullmakt)"
}

// retryAfter reads the header of that name: seconds, or a date. 0 for none.
func (f *Follower) retryAfter(s string) time.Duration {
	if seconds, err := strconv.Atoi(s); err == nil {
		return time.Duration(max(seconds, 0)) * time.Second
	}
	at, err := http.ParseTime(s)
	if err != nil {
		return 0
	}
	return max(at.Sub(f.now()), 0)
}

// delay returns how long to wait after so many attempts: twice as long each
// time, of which a random half, so that many followers do not return at once.
func (f *Follower) delay(attempt int) time.Duration {
	d := min(firstDelay<<(attempt-1), maxDelay)
	random := f.Random
	if random == nil {
		random = rand.Float64
	}
	return d/2 + time.Duration(random()*float64(d/2))
}

func (f *Follower) sleep(ctx context.Context, d time.Duration) error {
	if f.Sleep != nil {
		return f.Sleep(ctx, d)
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}

func (f *Follower) now() time.Time {
	if f.Now != nil {
		return f.Now()
	}
	return time.Now()
}

// asReject returns err as a *Reject when it is one.
func asReject(err error) (*Reject, bool) {
	var r *Reject
	ok := errors.As(err, &r)
	return r, ok
}

/*
 * The example home's room: a physical world for the thermostat to regulate. It stands where a
 * real hub has its sensor and its burner, as two files in a folder like Linux's hwmon:
 *
 *	temp1_input   the room's temperature, thousandths of a degree; written here
 *	pwm1          the burner's power, 0 to 1000; written by the thermostat
 *
 * A burner of this kind shuts itself off when nobody has written to it for 15 s. Every second a
 * line "seconds temperature power silence" goes to stdout: the drill's own witness.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { STEP_MS = 100, BURNER_PATIENCE_S = 15 };

static const double outside = 5.0;            /* °C */
static const double burner_watt = 2000.0;     /* at full power */
static const double radiator_capacity = 15e3; /* J/K: water and iron */
static const double room_capacity = 250e3;    /* J/K: air, furniture, the walls' skin */
static const double radiator_to_room = 60.0;  /* W/K */
static const double room_to_outside = 35.0;   /* W/K */

struct room {
	double temperature;
	double radiator;
	double power;   /* 0..1, as the burner really burns */
	double silence; /* s since the thermostat last wrote */
};

static volatile sig_atomic_t ended;

static void end(int sig)
{
	(void)sig;
	ended = 1;
}

static double seconds(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* How long ago the file was written: the witness does not believe its writer's word. */
static double age_of(int fd)
{
	struct stat st;
	struct timespec now;
	if (fstat(fd, &st) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
		return BURNER_PATIENCE_S;
	return (double)(now.tv_sec - st.st_mtim.tv_sec) +
	       (double)(now.tv_nsec - st.st_mtim.tv_nsec) / 1e9;
}

static double read_power(int fd)
{
	char text[16] = { 0 };
	if (pread(fd, text, sizeof(text) - 1, 0) < 1)
		return 0;
	long v = strtol(text, NULL, 10);
	return v < 0 ? 0 : v > 1000 ? 1 : (double)v / 1000;
}

static void write_temperature(int fd, double celsius)
{
	char text[16];
	int n = snprintf(text, sizeof(text), "%6d\n", (int)(celsius * 1000));
	if (n < 1 || pwrite(fd, text, (size_t)n, 0) != n)
		(void)fprintf(
			stderr, "heating-room: cannot write the sensor: %s\n", strerror(errno));
}

static void advance(struct room *r, double dt)
{
	double to_room = radiator_to_room * (r->radiator - r->temperature);
	double lost = room_to_outside * (r->temperature - outside);
	r->radiator += dt * (burner_watt * r->power - to_room) / radiator_capacity;
	r->temperature += dt * (to_room - lost) / room_capacity;
}

static void say(const struct room *r, double at)
{
	(void)printf("%.1f %.3f %.3f %.1f\n", at, r->temperature, r->power, r->silence);
	(void)fflush(stdout);
}

static void live(struct room *r, int sensor, int burner, double speed)
{
	const struct timespec step = { .tv_nsec = STEP_MS * 1000000L };
	double start = seconds();
	double last = start;
	double said = start;
	while (!ended) {
		(void)nanosleep(&step, NULL);
		double now = seconds();
		r->silence = age_of(burner);
		r->power = r->silence > BURNER_PATIENCE_S ? 0 : read_power(burner);
		/* Small steps of the model's time, however fast it runs. */
		double left = (now - last) * speed;
		while (left > 0) {
			advance(r, left < 5 ? left : 5);
			left -= 5;
		}
		last = now;
		write_temperature(sensor, r->temperature);
		if (now - said >= 1) {
			said = now;
			say(r, now - start);
		}
	}
}

static int help(int argc)
{
	(void)fprintf(argc < 2 ? stderr : stdout,
		"usage: heating-room DIR [SPEED [START]]\n\n"
		"A simulated room for the thermostat: writes DIR/temp1_input (m°C), reads DIR/pwm1 "
		"(0..1000).\n"
		"SPEED: how many of its seconds pass in one of ours (20). START: °C (18.5).\n"
		"Each second on stdout: seconds, temperature, power, seconds since the last "
		"command.\n");
	return argc < 2 ? 2 : 0;
}

int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "--help") == 0)
		return help(argc);
	double speed = argc > 2 ? strtod(argv[2], NULL) : 20;
	struct room r = { .temperature = argc > 3 ? strtod(argv[3], NULL) : 18.5 };
	r.radiator = r.temperature;
	int sensor = -1;
	int burner = -1;
	if (chdir(argv[1]) == 0) {
		sensor = open("temp1_input", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		burner = open("pwm1", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	}
	if (sensor < 0 || burner < 0) {
		(void)fprintf(stderr, "heating-room: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	(void)signal(SIGTERM, end);
	(void)signal(SIGINT, end);
	write_temperature(sensor, r.temperature);
	live(&r, sensor, burner, speed);
	return 0;
}
